// Package preprocessing prepares data on the host before training: tables from CSV files, transformers in scikit-learn's words, splitting, one-hot
// labels, padded sequences and images.
//
// A fitted transformer is a struct of numbers and words: [Encode] writes it as JSON, to be kept beside a model, and [Decode] reads it.
package preprocessing
