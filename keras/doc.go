// Package keras builds, trains, evaluates, saves and runs models, as Keras does in Python.
//
//	model := keras.Sequential(
//		&layers.Input{Shape: []int{784}},
//		&layers.Dense{Units: 64, Activation: activations.ReLU},
//		&layers.Dense{Units: 10, Activation: activations.Softmax},
//	)
//	err := model.Compile(keras.CompileOptions{
//		Optimizer: &optimizers.Adam{LearningRate: 1e-3},
//		Loss:      losses.SparseCategoricalCrossentropy{},
//		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
//	})
//	history, err := model.Fit(ctx, x, y, keras.FitOptions{Epochs: 10, Progress: os.Stdout})
//
// # How it works
//
// Data flows one way, and these words are used everywhere:
//
//	config           build                graph             program             history
//	layers.Dense{} -> layers.Builder  ->  ops record        -> ops.Program.Run -> metrics -> callbacks -> History
//
// Config: a layer is a struct with Keras's arguments. Build: the layers' Call methods run once over tensors of unknown batch size
// and declare their weights, which get their memory when all of it succeeded. Graph: for each mode and shape of input the Call
// methods run again, over tensors of known size; that records operations (package ops). Program: the record is fused, lowered to a
// Gorgonia graph, differentiated and compiled, once per mode and shape. History: after each batch the host updates weights and
// metrics and tells the callbacks.
//
// A compiled or loaded model may be used by any number of goroutines: Predict, Evaluate and Save also while Fit runs.
package keras
