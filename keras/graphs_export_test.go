package keras

// What tests of graphs need of a model's JSON, without a file around it.
var (
	DecodeModel = decodeModel
	EncodeModel = func(m *Model) (map[string]any, error) { return m.encodeUntrained() }
)
