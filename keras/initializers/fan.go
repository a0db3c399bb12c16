package initializers

// GlorotUniform draws evenly from [-l, l), l = sqrt(6/(in+out)). It is the default of most layers' kernels.
// See [VarianceScaling] for in and out. Source: Glorot and Bengio 2010.
type GlorotUniform struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g GlorotUniform) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("GlorotUniform", dst, shape, stream)
}

func (g GlorotUniform) scaling() VarianceScaling {
	return VarianceScaling{1, FanAvg, Uniform, g.Seed, g.InputAxes, g.OutputAxes}
}

// GlorotNormal draws from a truncated normal distribution of standard deviation sqrt(2/(in+out)).
// See [VarianceScaling] for in and out. Source: Glorot and Bengio 2010.
type GlorotNormal struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g GlorotNormal) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("GlorotNormal", dst, shape, stream)
}

func (g GlorotNormal) scaling() VarianceScaling {
	return VarianceScaling{1, FanAvg, Truncated, g.Seed, g.InputAxes, g.OutputAxes}
}

// HeUniform draws evenly from [-l, l), l = sqrt(6/in).
// See [VarianceScaling] for in and out. Source: He et al. 2015.
type HeUniform struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g HeUniform) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("HeUniform", dst, shape, stream)
}

func (g HeUniform) scaling() VarianceScaling {
	return VarianceScaling{2, FanIn, Uniform, g.Seed, g.InputAxes, g.OutputAxes}
}

// HeNormal draws from a truncated normal distribution of standard deviation sqrt(2/in).
// See [VarianceScaling] for in and out. Source: He et al. 2015.
type HeNormal struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g HeNormal) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("HeNormal", dst, shape, stream)
}

func (g HeNormal) scaling() VarianceScaling {
	return VarianceScaling{2, FanIn, Truncated, g.Seed, g.InputAxes, g.OutputAxes}
}

// LecunUniform draws evenly from [-l, l), l = sqrt(3/in).
// See [VarianceScaling] for in and out. Source: LeCun et al. 1998.
type LecunUniform struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g LecunUniform) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("LecunUniform", dst, shape, stream)
}

func (g LecunUniform) scaling() VarianceScaling {
	return VarianceScaling{1, FanIn, Uniform, g.Seed, g.InputAxes, g.OutputAxes}
}

// LecunNormal draws from a truncated normal distribution of standard deviation sqrt(1/in).
// See [VarianceScaling] for in and out. Source: LeCun et al. 1998.
type LecunNormal struct {
	Seed       *int  // nil: the stream of the weight; else the values depend on Seed and the shape alone
	InputAxes  []int // nil: by the shape
	OutputAxes []int // nil: by the shape
}

// Init implements [Initializer].
func (g LecunNormal) Init(dst []float32, shape []int, stream Stream) error {
	return g.scaling().init("LecunNormal", dst, shape, stream)
}

func (g LecunNormal) scaling() VarianceScaling {
	return VarianceScaling{1, FanIn, Truncated, g.Seed, g.InputAxes, g.OutputAxes}
}
