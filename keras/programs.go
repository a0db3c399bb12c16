package keras

import (
	"container/list"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gokeras/gokeras/keras/ops"
)

// maxProgramBytes bounds the memory of the programs that a model keeps for the next time: intermediate values and inputs, not the weights,
// which all programs share. Programs in use do not count until they are given back.
const maxProgramBytes = 512 << 20

// programs keeps compiled programs by what they are for. Several of one kind exist where several goroutines need it at once, but no more
// run at a time than there are processors.
type programs struct {
	mu    sync.Mutex
	idle  map[string][]*list.Element
	order *list.List // of idle programs, the latest used first
	bytes int        // of the idle programs
	limit int
	turns chan struct{}
}

// A prepared program is one compiled for certain shapes, with what its owner has to know about it.
type prepared struct {
	*ops.Program
	key    string
	shapes []ops.Spec
	info   any
}

func newPrograms() *programs {
	return &programs{idle: map[string][]*list.Element{}, order: list.New(), limit: maxProgramBytes, turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))}
}

// keyOf names a kind of program and its input shapes.
func keyOf(kind string, specs []ops.Spec) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, s := range specs {
		fmt.Fprintf(&b, "|%s%v", s.DType, s.Shape)
	}
	return b.String()
}

// take waits for a turn and hands out a program, compiled if none is idle.
func (ps *programs) take(ctx context.Context, key string, compile func() (*prepared, error)) (*prepared, error) {
	select {
	case ps.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p := ps.reuse(key); p != nil {
		return p, nil
	}
	p, err := compile()
	if err != nil {
		<-ps.turns
		return nil, err
	}
	p.key = key
	return p, nil
}

func (ps *programs) reuse(key string) *prepared {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	idle := ps.idle[key]
	if len(idle) == 0 {
		return nil
	}
	e := idle[len(idle)-1]
	ps.remove(e)
	return e.Value.(*prepared)
}

// remove takes a program out of the idle ones.
func (ps *programs) remove(e *list.Element) {
	p := e.Value.(*prepared)
	ps.order.Remove(e)
	ps.bytes -= p.Bytes()
	idle := ps.idle[p.key]
	for i, x := range idle {
		if x == e {
			idle = append(idle[:i], idle[i+1:]...)
			break
		}
	}
	if len(idle) == 0 {
		delete(ps.idle, p.key)
		return
	}
	ps.idle[p.key] = idle
}

// give returns a program and its turn.
func (ps *programs) give(p *prepared) {
	ps.giveBack(p)
	<-ps.turns
}

// giveBack returns a program; those not used for the longest time make way where the bound is passed.
func (ps *programs) giveBack(p *prepared) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	e := ps.order.PushFront(p)
	ps.idle[p.key] = append(ps.idle[p.key], e)
	ps.bytes += p.Bytes()
	for ps.bytes > ps.limit && ps.order.Len() > 1 {
		ps.remove(ps.order.Back())
	}
}

// obtain hands out a program without waiting for a turn, for training, which holds it from step to step.
func (ps *programs) obtain(key string, compile func() (*prepared, error)) (*prepared, error) {
	if p := ps.reuse(key); p != nil {
		return p, nil
	}
	p, err := compile()
	if err != nil {
		return nil, err
	}
	p.key = key
	return p, nil
}

func sameSpecs(a, b []ops.Spec) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].DType != b[i].DType || !slices.Equal(a[i].Shape, b[i].Shape) {
			return false
		}
	}
	return true
}

func cloneSpecs(s []ops.Spec) []ops.Spec {
	c := make([]ops.Spec, len(s))
	for i, x := range s {
		c[i] = ops.Spec{Shape: slices.Clone(x.Shape), DType: x.DType}
	}
	return c
}
