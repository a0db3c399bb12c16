// Package saving turns config structs into Keras's JSON and back, by reflection.
//
// A Keras object is a struct whose exported fields are Keras's arguments: LearningRate is
// learning_rate, Beta1 is beta_1, L2 is l2. A tag `keras:"clipnorm"` gives another key, `keras:"-"`
// leaves a field out, embedded structs count as if their fields stood in the outer one. A field
// that is zero means Keras's default: its key is left out on saving, and null leaves a field zero
// on loading. Pointers are followed, interfaces hold registered structs or functions.
//
// Types are made known once, in init, by [Register]; values that Keras names by a word, such as
// "relu", by [RegisterFunction]. Nothing in a file is run: Python code in a file is an error.
//
// The format is that of keras.saving.serialize_keras_object of Keras 3; the forms of Keras 2 are
// read too.
package saving
