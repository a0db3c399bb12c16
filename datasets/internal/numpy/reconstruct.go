package numpy

import "strings"

// The names that Keras's own reader of these files allows.
const (
	ndarrayName     = "numpy.ndarray"
	dtypeName       = "numpy.dtype"
	reconstructName = "numpy.core.multiarray._reconstruct"
	// NumPy 2 moved it.
	reconstructName2 = "numpy._core.multiarray._reconstruct"
)

// global pushes one of the known names.
func (m *machine) global(module, n string) {
	switch full := module + "." + n; full {
	case reconstructName, reconstructName2:
		m.push(Value{thing: name(reconstructName)})
	case ndarrayName, dtypeName:
		m.push(Value{thing: name(full)})
	default:
		m.fail("expected a name that puts an array together, got %.100q, which is refused: a file of numbers has no use for it", full)
	}
}

// reduce stands for the two calls that make an empty array and a dtype.
func (m *machine) reduce(function, arguments Value) {
	args, ok := arguments.thing.(tuple)
	if !ok {
		m.fail("expected arguments in a tuple, got %s", arguments.describe())
		return
	}
	switch function.thing {
	case name(reconstructName):
		if len(args) == 0 || args[0].thing != name(ndarrayName) {
			m.fail("expected %s of %s", reconstructName, ndarrayName)
			return
		}
		m.push(Value{thing: &array{}})
	case name(dtypeName):
		var n text
		if len(args) > 0 {
			n, _ = args[0].thing.(text)
		}
		m.push(Value{thing: &kind{name: string(n), order: "|"}})
	default:
		m.fail("expected the making of an array or a dtype, got the call of %s", function.describe())
	}
}

// build gives the array or dtype on top its state.
func (m *machine) build(state Value) {
	s, ok := state.thing.(tuple)
	if !ok {
		m.fail("expected a state in a tuple, got %s", state.describe())
		return
	}
	switch t := m.top().thing.(type) {
	case *kind:
		m.buildKind(t, s)
	case *array:
		m.buildArray(t, s)
	default:
		m.fail("expected the state of an array or a dtype, got that of %s", m.top().describe())
	}
}

// buildKind takes a dtype's state: its version, the order of bytes, and what only structures and texts have.
func (m *machine) buildKind(k *kind, s tuple) {
	if len(s) < 2 {
		m.fail("expected a dtype's state of at least 2 values, got %d", len(s))
		return
	}
	order, _ := s[1].thing.(text)
	k.order = string(order)
}

// buildArray takes an array's state: its version, shape, dtype, order of axes, and elements.
func (m *machine) buildArray(a *array, s tuple) {
	if a.built || len(s) != 5 {
		m.fail("expected one state of 5 values, got another of %d", len(s))
		return
	}
	shape, isShape := s[1].thing.(tuple)
	k, isKind := s[2].thing.(*kind)
	fortran, isOrder := s[3].truth()
	if !isShape || !isKind || !isOrder {
		m.fail("expected an array's state of shape, dtype and order, got %s, %s and %s", s[1].describe(), s[2].describe(), s[3].describe())
		return
	}
	a.layout = layout{kind: k.order + k.name, fortran: fortran}
	for _, v := range shape {
		if _, ok := v.thing.(integral); !ok || v.integer < 0 || v.integer > maxBytes {
			m.fail("expected sizes up to %d in a shape, got %s %d", maxBytes, v.describe(), v.integer)
			return
		}
		a.layout.shape = append(a.layout.shape, int(v.integer))
	}
	a.built = true
	m.fill(a, k, s[4])
}

// fill gives an array its elements.
func (m *machine) fill(a *array, k *kind, elements Value) {
	if !strings.HasPrefix(k.name, "O") {
		data, ok := elements.thing.(text)
		if !ok {
			m.fail("expected the bytes of an array, got %s", elements.describe())
		}
		a.data = data
		return
	}
	a.layout.kind = objects
	n, err := a.layout.size()
	if err != nil {
		m.fail("%v", err)
		return
	}
	values, err := elements.elements()
	if err != nil || len(values) != n {
		m.fail("expected a list of %d elements, got %s of %d", n, elements.describe(), len(values))
		return
	}
	a.values = values
}
