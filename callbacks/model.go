package callbacks

// A Model is what a callback may do to the model that runs. What only some callbacks need are interfaces of their own, such as
// [WeightsSaver], which the value in [Run.Model] may implement too; a callback whose model lacks one returns an error that names it.
type Model interface {
	LearningRate() float64
	SetLearningRate(rate float64) error
	// Snapshot copies the weights; restore puts them back.
	Snapshot() (restore func() error)
	// Save writes the whole model to a file.
	Save(path string) error
}

// A WeightsSaver writes the weights alone, to a .weights.h5 file.
type WeightsSaver interface {
	SaveWeights(path string) error
}

// Configured returns the model's configuration as Keras's JSON, as to_json does.
type Configured interface {
	Config() ([]byte, error)
}

// A Weight is one of a model's arrays of float32.
type Weight struct {
	Path      string // such as "sequential/dense/kernel"
	Shape     []int
	Value     []float32 // in row-major order
	Trainable bool
}

// A WeightReader shows the weights, in the order of the model. They are locked meanwhile and the slices are the model's memory: read must not
// change or keep them.
type WeightReader interface {
	ReadWeights(read func([]Weight) error) error
}

// A WeightUpdater lets values of weights be changed in place. They are locked meanwhile: update must not keep the slices or use the model.
type WeightUpdater interface {
	UpdateWeights(update func([]Weight) error) error
}

// An EMASwapper exchanges the weights and the moving averages that the optimizer keeps of them.
type EMASwapper interface {
	SwapEMAWeights() error
}

// A Reconfigurer lets fields of layers, losses and the optimizer change while no step runs, and compiles programs anew after it.
type Reconfigurer interface {
	Reconfigure(change func() error) error
}

// An IterationCounter knows how many steps the optimizer has done, of all runs.
type IterationCounter interface {
	Iterations() int
}

// A Closer is a callback that holds files. Close is called when a run is over, whatever ended it, once or more.
type Closer interface {
	Close() error
}

// Stateful is a callback whose state a resumed training needs. SetState is called before OnTrainBegin of the run that goes on, which then
// keeps that state instead of beginning anew.
type Stateful interface {
	State() ([]byte, error)
	SetState(state []byte) error
}
