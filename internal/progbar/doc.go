// Package progbar prints the progress of training, evaluation and prediction as Keras does, byte for byte: the animated bar of verbose 1 and the
// line per epoch of verbose 2. [Logger] is driven by a training loop; [Bar] is the bar by itself.
//
// The source of every format is Keras 3.15: keras.utils.Progbar and keras.callbacks.ProgbarLogger.
package progbar
