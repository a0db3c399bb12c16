package kernel

import "sync"

// Task carries the arguments of a parallel loop to its body, so that nothing is allocated per call. What a field means is
// between the caller of [Parallel] and the body. Its zero value is ready to use.
type Task struct {
	F32  [8][]float32
	I32  [4][]int32
	Bool [2][]bool
	N    [16]int
	S    [8]float32
	U    [4]uint32
	Arg  any // a pointer to anything else

	next *Task
}

// tasks is the list of the tasks that are free.
var tasks struct {
	sync.Mutex
	free *Task
}

// NewTask returns a cleared Task, taken from a free list where there is one.
func NewTask() *Task {
	tasks.Lock()
	t := tasks.free
	if t != nil {
		tasks.free = t.next
	}
	tasks.Unlock()
	if t == nil {
		return new(Task)
	}
	t.next = nil
	return t
}

// Free clears t, so that it holds on to nobody's memory, and returns it to the free list; t must not be used afterwards.
func (t *Task) Free() {
	*t = Task{}
	tasks.Lock()
	t.next = tasks.free
	tasks.free = t
	tasks.Unlock()
}
