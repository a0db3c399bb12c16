// Package optional reads arguments that are pointers because an explicit zero is not their default.
package optional

// Or returns *p, or the default where p is nil.
func Or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
