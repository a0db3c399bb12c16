package numpy

import "math"

// The opcodes that NumPy's and the data sets' pickles use, by Python's names.
const (
	proto           = 0x80
	frame           = 0x95
	stop            = '.'
	markCode        = '('
	none            = 'N'
	newTrue         = 0x88
	newFalse        = 0x89
	binInt          = 'J'
	binInt1         = 'K'
	binInt2         = 'M'
	long1           = 0x8a
	binFloat        = 'G'
	binUnicode      = 'X'
	shortBinUnicode = 0x8c
	binUnicode8     = 0x8d
	binString       = 'T'
	shortBinString  = 'U'
	binBytes        = 'B'
	shortBinBytes   = 'C'
	binBytes8       = 0x8e
	emptyList       = ']'
	appendCode      = 'a'
	appendsCode     = 'e'
	emptyDict       = '}'
	setItem         = 's'
	setItems        = 'u'
	emptyTuple      = ')'
	tupleCode       = 't'
	tuple1          = 0x85
	tuple2          = 0x86
	tuple3          = 0x87
	binPut          = 'q'
	longBinPut      = 'r'
	memoize         = 0x94
	binGet          = 'h'
	longBinGet      = 'j'
	global          = 'c'
	stackGlobal     = 0x93
	reduce          = 'R'
	build           = 'b'
)

// do runs one opcode.
func (m *machine) do(code byte) {
	switch {
	case m.doScalar(code), m.doText(code), m.doContainer(code), m.doMemo(code), m.doObject(code):
	default:
		m.fail("expected an opcode that arrays and lists need, got %#02x", code)
	}
}

func (m *machine) doScalar(code byte) bool {
	switch code {
	case proto:
		if p := m.byte(); p < 2 || p > 5 {
			m.fail("expected protocol 2 to 5, got %d", p)
		}
	case frame:
		m.number(8) // Only of use to who reads from a stream.
	case none:
		m.push(Value{})
	case newTrue, newFalse:
		m.push(Value{thing: code == newTrue})
	case binInt:
		m.push(ofInt(int64(int32(m.number(4)))))
	case binInt1:
		m.push(ofInt(int64(m.number(1))))
	case binInt2:
		m.push(ofInt(int64(m.number(2))))
	case long1:
		m.long(m.number(1))
	case binFloat:
		var bits uint64
		for _, b := range m.take(8) { // The one big-endian number.
			bits = bits<<8 | uint64(b)
		}
		m.push(Value{thing: math.Float64frombits(bits)})
	default:
		return false
	}
	return true
}

func (m *machine) doText(code byte) bool {
	var width uint64
	switch code {
	case shortBinUnicode, shortBinString, shortBinBytes:
		width = 1
	case binUnicode, binString, binBytes:
		width = 4
	case binUnicode8, binBytes8:
		width = 8
	default:
		return false
	}
	m.push(Value{thing: text(m.take(m.number(width)))})
	return true
}

func (m *machine) doContainer(code byte) bool {
	switch code {
	case markCode:
		m.marks = append(m.marks, len(m.stack))
	case emptyList:
		m.push(Value{thing: &list{}})
	case appendCode:
		v := m.pop()
		m.extend([]Value{v})
	case appendsCode:
		m.extend(m.popMark())
	case emptyDict:
		m.push(Value{thing: &dictionary{}})
	case setItem:
		v, k := m.pop(), m.pop()
		m.set([]Value{k, v})
	case setItems:
		m.set(m.popMark())
	case emptyTuple:
		m.tuple(0)
	case tupleCode:
		m.push(Value{thing: append(tuple(nil), m.popMark()...)})
	case tuple1, tuple2, tuple3:
		m.tuple(int(code-tuple1) + 1)
	default:
		return false
	}
	return true
}

func (m *machine) doMemo(code byte) bool {
	switch code {
	case binPut:
		m.remember(m.number(1))
	case longBinPut:
		m.remember(m.number(4))
	case memoize:
		m.remember(uint64(len(m.memo)))
	case binGet:
		m.recall(m.number(1))
	case longBinGet:
		m.recall(m.number(4))
	default:
		return false
	}
	return true
}

func (m *machine) doObject(code byte) bool {
	switch code {
	case global:
		module := m.line()
		m.global(module, m.line())
	case stackGlobal:
		n, _ := m.pop().thing.(text)
		module, _ := m.pop().thing.(text)
		m.global(string(module), string(n))
	case reduce:
		args := m.pop()
		m.reduce(m.pop(), args)
	case build:
		state := m.pop()
		m.build(state)
	default:
		return false
	}
	return true
}
