// Package datasets holds small real data sets, inside the program, and generated ones. A program carries only the sets whose functions it calls.
//
// Every call returns new arrays, which the caller may change. data/LICENSES.md names the sources and licences.
package datasets

import "gorgonia.org/tensor"

// A Split is the samples of a training or test set, batch first.
type Split struct {
	X *tensor.Dense
	Y *tensor.Dense
}
