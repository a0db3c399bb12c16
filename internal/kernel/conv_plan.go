package kernel

import "unsafe"

const (
	// bandBytes of input are what a block works on at a time: they stay in the second-level cache.
	bandBytes = 384 << 10
	// partialNumbers bounds the kernel gradients that are summed apart.
	partialNumbers = 2 << 20
	// partOutputs is how many outputs a kernel gradient must be the sum of for its own addition not to matter.
	partOutputs = 512
)

// convPlan is a convolution and how it is cut. Everything in it follows from the shape and the path.
type convPlan struct {
	Conv
	g         *geometry
	inC, outC int  // channels of a group
	repeat    int  // how often each channel of x is loaded; C is what is loaded
	depth     bool // one input and one output channel per group
	few       bool // sides are swapped because there are few output channels
	gathered  bool // patches are copied because rows of outputs are short
	padded    bool // rows of x are copied into a frame of zeros

	x, k, y    []float32 // or their gradients
	residual   []float32
	bias       []float32
	act        Activation
	packed     []float32 // the kernel's panels
	bands      int       // parts of an image
	blocks     int
	order      []tap // GradInput: the kernel's rows as packed
	planes     []tap // GradInput: the kernel's planes as packed
	partial    []float32
	parts      int // GradKernel: groups of images, summed apart
	cuts       int // GradKernel: parts of the kernel that a group of images is cut into
	chunk      int // GradKernel: images at a time
	packBlocks int
}

var convPlans freeList[convPlan]

func newConvPlan(p *Conv, x, k, y []float32) *convPlan {
	q := convPlans.get()
	g := activeGeometry()
	repeat := p.repeats(g)
	if repeat > 1 {
		wide := p.widened()
		p = &wide
	}
	*q = convPlan{
		Conv: *p, g: g, repeat: repeat, inC: p.C / p.Groups, outC: p.F / p.Groups, x: x, k: k, y: y, order: q.order[:0], planes: q.planes[:0],
		depth: p.Groups == p.C && p.F == p.C && p.C > 1,
	}
	q.padded = repeat > 1 || p.Front+p.Top+p.Left > 0 || p.span(p.OD, p.SD, p.KD, p.DD) > p.D ||
		p.span(p.OH, p.SH, p.KH, p.DH) > p.H || p.span(p.OW, p.SW, p.KW, p.DW) > p.W
	return q
}

// free forgets the operands and returns q to the free list.
func (q *convPlan) free() {
	*q = convPlan{order: q.order, planes: q.planes}
	convPlans.put(q)
}

// span is how much of an axis of the input outputs of a kernel reach over.
func (*Conv) span(outputs, stride, taps, dilation int) int {
	return (outputs-1)*stride + (taps-1)*dilation + 1
}

// cutImages cuts images into bands of rows and the bands into blocks.
func (q *convPlan) cutImages(images, rows, rowBytes int) {
	q.blocks, q.bands = 1, max(1, min(rows, ceilDiv(rows*rowBytes, bandBytes)))
	if work := q.work(); work >= serialWork {
		q.blocks = blocksFor(work)
		q.bands = max(q.bands, min(rows, ceilDiv(q.blocks, images)))
	}
	q.blocks = min(q.blocks, images*q.bands)
}

// images is the number of images [OH, OW, F] that the output is made of: N, or OD of each volume.
func (q *convPlan) images() int { return q.N * q.OD }

// frame is a part of the input, perhaps copied into zeros, and its geometry in numbers.
type frame struct {
	data  []float32
	row   int // from row to row
	plane int // from what the kernel's planes meet to the next
	image int // from image to image
}

// load returns the input of rows oh0 to oh1 of images n0 to n1 of the output. Where padding is needed it fills dst. Otherwise, the
// distance from image to image holds within a volume.
func (q *convPlan) load(dst []float32, n0, n1, oh0, oh1 int) frame {
	if !q.padded {
		plane := q.H * q.W * q.C
		f := frame{q.x[(n0/q.OD*q.D+n0%q.OD*q.SD)*plane+oh0*q.SH*q.W*q.C:], q.W * q.C, q.DD * plane, q.SD * plane}
		if q.OD == 1 {
			f.image = q.D * plane
		}
		return f
	}
	rows, width := q.span(oh1-oh0, q.SH, q.KH, q.DH), q.frameWidth()
	f := frame{dst, width, rows * width, q.KD * rows * width}
	for i := range (n1 - n0) * q.KD {
		n, kd := n0+i/q.KD, i%q.KD
		plane := q.inputPlane(n, kd)
		for r := range rows {
			q.loadRow(dst[i*f.plane+r*width:][:width], plane, oh0*q.SH-q.Top+r)
		}
	}
	return f
}

// withinVolume is end, or where the volume of image n ends if that comes first and images are read where they lie.
func (q *convPlan) withinVolume(n, end int) int {
	if q.OD > 1 && !q.padded {
		return min(end, (n/q.OD+1)*q.OD)
	}
	return end
}

// inputPlane is which of all planes of the input a plane of the kernel meets for an image of the output; below 0: it is padding.
func (q *convPlan) inputPlane(n, kd int) int {
	id := n%q.OD*q.SD + kd*q.DD - q.Front
	if id < 0 || id >= q.D {
		return -1
	}
	return n/q.OD*q.D + id
}

// frameWidth is the length of a padded row in numbers.
func (q *convPlan) frameWidth() int { return q.span(q.OW, q.SW, q.KW, q.DW) * q.C }

func (q *convPlan) loadRow(dst []float32, plane, ih int) {
	if plane < 0 || ih < 0 || ih >= q.H {
		clear(dst)
		return
	}
	before := min(q.Left*q.C, len(dst))
	clear(dst[:before])
	row := q.W * q.C / q.repeat
	src := q.x[(plane*q.H+ih)*row:][:row]
	if q.repeat > 1 {
		src = src[:min(row, (len(dst)-before)/q.repeat)]
		repeatEach(dst[before:], src, q.repeat)
		clear(dst[before+len(src)*q.repeat:])
		return
	}
	copied := copy(dst[before:], src)
	clear(dst[before+copied:])
}

// frameNumbers is how much room load needs.
func (q *convPlan) frameNumbers(images, rows int) int {
	if !q.padded {
		return 0
	}
	return images * q.KD * q.span(rows, q.SH, q.KH, q.DH) * q.frameWidth()
}

// frameScratch returns room for load, or nil if none is needed.
func (q *convPlan) frameScratch(images, rows int) *scratch {
	if !q.padded {
		return nil
	}
	return getScratch(q.frameNumbers(images, rows))
}

// column returns the place of element i of an optional vector.
func column(x []float32, i int) unsafe.Pointer {
	if x == nil {
		return nil
	}
	return place(x, i)
}
