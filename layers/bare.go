package layers

// bare writes lists of one number as that number, which is what Keras reads where one number counts for several axes: [[2], [3]] becomes
// [2, 3], and [[2]] becomes 2.
func bare(config map[string]any, name string) {
	list, ok := config[name].([]any)
	if !ok {
		return
	}
	inner := make([]any, len(list))
	for i, e := range list {
		inner[i] = e
		if l, ok := e.([]any); ok && len(l) == 1 {
			inner[i] = l[0]
		}
	}
	config[name] = inner
	if len(inner) != 1 {
		return
	}
	if _, ok := inner[0].([]any); !ok {
		config[name] = inner[0]
	}
}
