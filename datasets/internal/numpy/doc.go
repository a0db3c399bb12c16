// Package numpy reads what NumPy wrote: archives of arrays (.npz), and pickles that hold nothing but arrays, lists, tuples, dictionaries, texts and
// integers. Of a pickle's names it knows four, those that put an array together; any other is an error, and nothing is ever called. What a file may
// claim is bounded by what it holds.
//
// The sources are NumPy's description of its format (numpy.lib.format) and Python's of its opcodes (pickletools).
package numpy
