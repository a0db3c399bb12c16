// Package summarytable prints the table of Keras's Model.summary byte for byte, as Keras prints it where there is no colour: the layers' names,
// output shapes and parameters, and the totals below.
//
// The source is Keras 3.15, keras/src/utils/summary_utils.py. Keras lets the Python package rich draw the table; its rules of breaking, cutting
// and aligning text are followed too.
package summarytable
