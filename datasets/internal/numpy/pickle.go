package numpy

import (
	"bytes"
	"context"
	"math"

	"github.com/pkg/errors"
)

// maxValues bounds the values in a pickle: Keras's largest holds six million.
const maxValues = 1 << 24

// A machine runs the program that a pickle is.
type machine struct {
	rest   []byte
	size   int
	made   int // values so far
	stack  []Value
	marks  []int // heights of the stack
	memo   map[uint32]Value
	failed error
}

// Unpickle returns what a pickle of protocols 2 to 5 holds. The value points into data.
func Unpickle(ctx context.Context, data []byte) (Value, error) {
	m := &machine{rest: data, size: len(data), memo: map[uint32]Value{}}
	for step := 0; ; step++ {
		if step%(1<<20) == 0 && ctx.Err() != nil {
			return Value{}, errors.Wrap(ctx.Err(), "pickle")
		}
		at := m.size - len(m.rest)
		code := m.byte()
		if m.failed == nil && code == stop {
			return m.result()
		}
		m.do(code)
		if m.failed != nil {
			return Value{}, errors.WithMessagef(m.failed, "pickle: byte %d", at)
		}
	}
}

func (m *machine) result() (Value, error) {
	v := m.pop()
	if m.failed == nil && len(m.stack)+len(m.marks) > 0 {
		m.fail("expected one value at the end, got %d more", len(m.stack))
	}
	return v, errors.WithMessage(m.failed, "pickle: end")
}

// fail keeps the first error.
func (m *machine) fail(format string, args ...any) {
	if m.failed == nil {
		m.failed = errors.Errorf(format, args...)
	}
}

// take returns the next n bytes.
func (m *machine) take(n uint64) []byte {
	if n > uint64(len(m.rest)) {
		m.fail("expected %d more bytes, got %d", n, len(m.rest))
		m.rest = nil
		return nil
	}
	b := m.rest[:n:n]
	m.rest = m.rest[n:]
	return b
}

// number returns a little-endian number of up to eight bytes.
func (m *machine) number(width uint64) uint64 {
	n := uint64(0)
	for i, b := range m.take(width) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

func (m *machine) byte() byte { return byte(m.number(1)) }

// line returns the bytes up to the end of the line.
func (m *machine) line() string {
	i := bytes.IndexByte(m.rest, '\n')
	if i < 0 {
		m.fail("expected a line that ends, it does not")
		return ""
	}
	b := m.take(uint64(i) + 1)
	return string(b[:i])
}

func (m *machine) push(v Value) {
	m.made++
	if m.made > maxValues {
		m.fail("expected at most %d values, got more", maxValues)
		return
	}
	m.stack = append(m.stack, v)
}

// floor is the height below which values belong to what is under the last mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() Value {
	last := len(m.stack) - 1
	if last < m.floor() {
		m.fail("expected a value on the stack, got none")
		return Value{}
	}
	v := m.stack[last]
	m.stack = m.stack[:last]
	return v
}

func (m *machine) top() Value {
	v := m.pop()
	if m.failed == nil {
		m.stack = append(m.stack, v)
	}
	return v
}

// popMark returns the values above the last mark. They are valid until the next push.
func (m *machine) popMark() []Value {
	if len(m.marks) == 0 {
		m.fail("expected a mark on the stack, got none")
		return nil
	}
	i := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	values := m.stack[i:]
	m.stack = m.stack[:i]
	return values
}

// tuple makes a tuple of the last n values.
func (m *machine) tuple(n int) {
	t := make(tuple, n)
	for i := range n {
		t[n-1-i] = m.pop()
	}
	m.push(Value{thing: t})
}

func (m *machine) remember(key uint64) {
	v := m.top()
	if key > math.MaxUint32 {
		m.fail("expected a number of the memo below 2^32, got %d", key)
		return
	}
	m.memo[uint32(key)] = v
}

func (m *machine) recall(key uint64) {
	v, ok := m.memo[uint32(key)]
	if !ok {
		m.fail("expected number %d in the memo, it is not there", key)
		return
	}
	m.push(v)
}

// extend adds values to the list on top.
func (m *machine) extend(values []Value) {
	l, ok := m.top().thing.(*list)
	if !ok {
		m.fail("expected a list, got %s", m.top().describe())
		return
	}
	l.values = append(l.values, values...)
}

// set adds keys and values, in turn, to the dictionary on top.
func (m *machine) set(pairs []Value) {
	d, ok := m.top().thing.(*dictionary)
	if !ok || len(pairs)%2 != 0 {
		m.fail("expected a dictionary and pairs, got %s and %d values", m.top().describe(), len(pairs))
		return
	}
	for i := 0; i < len(pairs); i += 2 {
		d.keys, d.values = append(d.keys, pairs[i]), append(d.values, pairs[i+1])
	}
}

// long pushes a two's complement number of up to eight bytes.
func (m *machine) long(width uint64) {
	if width > 8 {
		m.fail("expected an integer of up to 8 bytes, got %d", width)
		return
	}
	shift := 64 - 8*width
	m.push(ofInt(int64(m.number(width)<<shift) >> shift))
}
