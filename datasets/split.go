// Package datasets holds small real data sets, inside the program, generated ones, and downloads of those that Keras names. A program carries only the sets
// whose functions it calls.
//
// Every call returns new arrays, which the caller may change. data/LICENSES.md names the sources and licences of what is inside.
package datasets

import "gorgonia.org/tensor"

// A Split is the samples of a training or test set, batch first.
type Split struct {
	X *tensor.Dense
	Y *tensor.Dense

	FeatureNames []string // of X's columns; nil where they have none
	TargetNames  []string // of the classes that Y numbers; nil where they have none, or Y is no class
}
