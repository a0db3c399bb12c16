package layers_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func texts(shape []int, v ...string) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func ids(shape []int, v ...int32) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func reals(shape []int, v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

// Every layer that takes numbers is held to the contract of layers.
func TestPreparationContract(t *testing.T) {
	floats := []ops.Spec{{Shape: []int{4, 2, 3}, DType: ops.Float32}}
	whole := []ops.Spec{{Shape: []int{4, 3}, DType: ops.Int32}}
	for name, c := range map[string]struct {
		build func() layers.Layer
		specs []ops.Spec
		fixed int
	}{
		"rescaling":          {func() layers.Layer { return &layers.Rescaling{Scale: 0.5, Offsets: []float64{1, -1, 2}} }, floats, 0},
		"normalization":      {func() layers.Layer { return &layers.Normalization{} }, floats, 2},
		"normalization axes": {func() layers.Layer { return &layers.Normalization{Axis: []int{2, 1}} }, floats, 2},
		"normalization none": {func() layers.Layer { return &layers.Normalization{Axis: []int{}} }, floats, 2},
		"normalization given": {func() layers.Layer {
			return &layers.Normalization{Axis: []int{1, 2}, Mean: []float64{1, 2, 3, 4, 5, 6}, Variance: []float64{1, 4, 9, 0, 2, 3}, Invert: true}
		}, floats, 0},
		"discretization":    {func() layers.Layer { return &layers.Discretization{BinBoundaries: []float64{-0.25, 0.5}} }, floats, 0},
		"category encoding": {func() layers.Layer { return &layers.CategoryEncoding{NumTokens: 2} }, whole, 0},
		"hashing":           {func() layers.Layer { return &layers.Hashing{NumBins: 5, MaskValue: 1, Salt: []int{3}} }, whole, 0},
		"integer lookup": {func() layers.Layer {
			return &layers.IntegerLookup{Vocabulary: []int{7, 1}, OutputMode: layers.OutputTFIDF, IDFWeights: []float64{0.5, 2}}
		}, whole, 0},
	} {
		t.Run(name, func(t *testing.T) {
			layertest.Run(t, c.build, layertest.Case{Specs: c.specs, Trainable: new(0), NonTrainable: new(c.fixed)})
		})
	}
}

func TestCrossingContract(t *testing.T) {
	layertest.RunMerge(t, func() layers.Merger { return &layers.HashedCrossing{NumBins: 5, OutputMode: layers.OutputOneHot} },
		layertest.Case{Specs: []ops.Spec{{Shape: []int{4, 1}, DType: ops.Int32}, {Shape: []int{4, 1}, DType: ops.Int32}}})
}

func TestPreparationRefuses(t *testing.T) {
	x, n, s := reals([]int{2, 2}, 1, 2, 3, 4), ids([]int{2, 2}, 1, 2, 3, 4), texts([]int{2, 1}, "a", "b")
	word := []string{"a"}
	for want, c := range map[string]struct {
		layer layers.Applier
		x     *tensor.Dense
	}{
		"scale: expected a number":                       {&layers.Rescaling{}, x},
		"got both":                                       {&layers.Rescaling{Scale: 1, Scales: []float64{1}}, x},
		"does not fit 3 scales":                          {&layers.Rescaling{Scales: []float64{1, 2, 3}}, x},
		"no axis 2":                                      {&layers.Normalization{Axis: []int{2}}, x},
		"each axis once":                                 {&layers.Normalization{Axis: []int{1, -1}}, x},
		"as many of one":                                 {&layers.Normalization{Mean: []float64{1}}, x},
		"3 numbers do not fit":                           {&layers.Normalization{Mean: []float64{1, 2, 3}, Variance: []float64{1, 2, 3}}, x},
		"expected one of them, got none":                 {&layers.Discretization{}, x},
		"expected one of them, got both":                 {&layers.Discretization{NumBins: 2, BinBoundaries: []float64{1}}, x},
		"call Adapt first, or set BinBoundaries":         {&layers.Discretization{NumBins: 2}, x},
		"ascending order":                                {&layers.Discretization{BinBoundaries: []float64{2, 1}}, x},
		"num_tokens must be positive":                    {&layers.CategoryEncoding{}, n},
		`output_mode "int": expected one of`:             {&layers.CategoryEncoding{NumTokens: 3, OutputMode: layers.OutputInt}, n},
		"use a StringLookup":                             {&layers.CategoryEncoding{NumTokens: 3}, s},
		"num_bins must be positive":                      {&layers.Hashing{}, n},
		"salt [1 2 3]: expected one or two":              {&layers.Hashing{NumBins: 2, Salt: []int{1, 2, 3}}, n},
		"got the string m":                               {&layers.Hashing{NumBins: 2, MaskValue: "m"}, n},
		"expected text, got int32":                       {&layers.StringLookup{Vocabulary: word}, n},
		"the token a is there twice":                     {&layers.StringLookup{Vocabulary: []string{"a", "a"}}, s},
		"b is not in the vocabulary":                     {&layers.StringLookup{Vocabulary: word, NumOOVIndices: new(0)}, s},
		"the mask token a":                               {&layers.StringLookup{Vocabulary: []string{"b", "a"}, MaskToken: new("a")}, s},
		"the out-of-vocabulary token [UNK]":              {&layers.StringLookup{Vocabulary: []string{"b", "[UNK]"}, Invert: true}, n},
		"at most max_tokens, 2, got 3":                   {&layers.StringLookup{Vocabulary: []string{"b", "a"}, MaxTokens: 2}, s},
		"leave no room for 3":                            {&layers.StringLookup{MaxTokens: 2, NumOOVIndices: new(3)}, s},
		"max_tokens must be greater":                     {&layers.StringLookup{MaxTokens: 1}, s},
		"expected max_tokens":                            {&layers.StringLookup{PadToMaxTokens: true}, s},
		`invert: expected output_mode "int"`:             {&layers.StringLookup{Invert: true, OutputMode: layers.OutputCount}, s},
		"idf_weights: expected them":                     {&layers.StringLookup{Vocabulary: word, OutputMode: layers.OutputTFIDF}, s},
		"got 2 for 1 tokens":                             {&layers.StringLookup{Vocabulary: word, OutputMode: layers.OutputTFIDF, IDFWeights: []float64{1, 2}}, s},
		"call Adapt first, or set Vocabulary":            {&layers.StringLookup{OutputMode: layers.OutputCount}, s},
		`encoding "latin-1"`:                             {&layers.StringLookup{Encoding: "latin-1"}, s},
		`salt: expected oov_method "farmhash"`:           {&layers.IntegerLookup{Salt: []int{1}}, n},
		`oov_method "md5"`:                               {&layers.IntegerLookup{OOVMethod: "md5"}, n},
		"outside of int32":                               {&layers.IntegerLookup{Vocabulary: []int{1 << 40}, Invert: true}, n},
		`standardize "upper"`:                            {&layers.TextVectorization{Standardize: layers.Standardization("upper")}, s},
		`split "line"`:                                   {&layers.TextVectorization{Split: layers.Splitting("line")}, s},
		"ngrams: expected a positive number":             {&layers.TextVectorization{NGrams: -1}, s},
		"ngrams [0]":                                     {&layers.TextVectorization{NGramWidths: []int{0}}, s},
		"output_sequence_length must be positive":        {&layers.TextVectorization{OutputSequenceLength: -1}, s},
		`output_sequence_length: expected output_mode`:   {&layers.TextVectorization{OutputSequenceLength: 1, OutputMode: layers.OutputCount}, s},
		"expected texts of shape [batch] or [batch, 1]":  {&layers.TextVectorization{}, texts([]int{1, 2}, "a", "b")},
		"text_vectorization: expected text, got float32": {&layers.TextVectorization{}, x},
		"no row has enough tokens":                       {&layers.TextVectorization{Split: layers.NoSplitting, NGramWidths: []int{3}}, s},
		"expected an array, got nil":                     {&layers.StringLookup{Vocabulary: word}, nil},
	} {
		t.Run(want, func(t *testing.T) {
			_, err := c.layer.Apply(c.x)
			require.ErrorContains(t, err, want)
		})
	}
	_, err := (&layers.HashedCrossing{NumBins: 2}).Apply(n)
	require.ErrorContains(t, err, "at least two inputs")
	_, err = (&layers.HashedCrossing{NumBins: 2}).Apply(n, n)
	require.ErrorContains(t, err, "[batch, 1]")
	_, err = (&layers.CategoryEncoding{NumTokens: 2}).ApplyWeighted(n, n)
	require.ErrorContains(t, err, `expected output_mode "count"`)
}

func TestAdaptRefuses(t *testing.T) {
	nan := reals([]int{2, 1}, 1, float32(nanOf()))
	given := &layers.StringLookup{Vocabulary: []string{"a"}}
	for want, c := range map[string]struct {
		layer layers.Adapter
		x     *tensor.Dense
	}{
		"element 1 is NaN":                  {&layers.Normalization{}, nan},
		"mean and variance are given":       {&layers.Normalization{Mean: []float64{1}, Variance: []float64{1}}, reals([]int{1}, 1)},
		"NaN among them":                    {&layers.Discretization{NumBins: 2}, nan},
		"expected num_bins":                 {&layers.Discretization{BinBoundaries: []float64{1}}, reals([]int{1}, 1)},
		"epsilon 2":                         {&layers.Discretization{NumBins: 2, Epsilon: new(2.0)}, reals([]int{1}, 1)},
		"the vocabulary is given":           {given, texts([]int{1}, "a")},
		"expected text, got float32":        {&layers.TextVectorization{}, nan},
		"expected at least one token":       {&layers.TextVectorization{OutputMode: layers.OutputTFIDF}, texts([]int{1}, "")},
		"beside the special ones, got none": {&layers.StringLookup{}, texts([]int{2}, "[UNK]", "[UNK]")},
		"expected whole numbers, got text":  {&layers.IntegerLookup{}, texts([]int{1}, "a")},
		"adapt: expected an array, got nil": {&layers.Discretization{NumBins: 2}, nil},
	} {
		require.ErrorContains(t, c.layer.Adapt(c.x), want)
	}
	n := &layers.Normalization{}
	require.ErrorContains(t, n.AdaptDataset(batches{}), "expected at least one batch")
	require.ErrorContains(t, n.AdaptDataset(nil), "got nil")
	require.ErrorContains(t, n.AdaptDataset(batches{reals([]int{1, 2}, 1, 2), reals([]int{1, 3}, 1, 2, 3)}), "batch 1: expected axes of sizes [2]")
	require.NoError(t, n.Adapt(reals([]int{2, 2}, 1, 2, 3, 4)))
	_, err := n.Apply(reals([]int{1, 3}, 1, 2, 3))
	require.ErrorContains(t, err, "adapted to axes of sizes [2]")
	_, err = inProgram(n, reals([]int{1, 3}, 1, 2, 3))
	require.ErrorContains(t, err, "adapted to axes of sizes [2]")
	_, err = inProgram(&layers.Normalization{Axis: []int{0}}, reals([]int{1, 3}, 1, 2, 3))
	require.ErrorContains(t, err, "must be known")
}

func nanOf() float64 { zero := 0.0; return zero / zero }

// TestVocabularyFiles moves tokens that lines cannot hold, and takes lines as other systems end them.
func TestVocabularyFiles(t *testing.T) {
	for _, tokens := range [][]string{{"a", "b"}, {"line\nline", "b"}, {"b", ""}, {"\r\n", "é"}, {""}, {"[UNK]", "a"}} {
		from, to := &layers.StringLookup{}, &layers.StringLookup{}
		require.NoError(t, from.SetVocabulary(tokens, nil))
		require.NoError(t, to.SetAssets(from.Assets()))
		require.Equal(t, from.Tokens(), to.Tokens())
		require.Equal(t, tokens[len(tokens)-1], to.Tokens()[len(to.Tokens())-1])
	}
	l := &layers.IntegerLookup{}
	require.NoError(t, l.SetAssets(map[string][]byte{"vocabulary.txt": []byte("-1\r\n5\r\n-7\r\n\r\n")}))
	require.Equal(t, []int{-1, 5, -7}, l.Tokens())
	require.ErrorContains(t, l.SetAssets(map[string][]byte{"vocabulary.txt": []byte("x")}), "token 0")
	require.ErrorContains(t, l.SetAssets(nil), "vocabulary.txt")
	given := &layers.StringLookup{Vocabulary: []string{"a"}}
	require.Empty(t, given.Assets())
	require.NoError(t, given.SetAssets(map[string][]byte{"vocabulary.txt": []byte("b")}))
	require.Equal(t, []string{"[UNK]", "a"}, given.Tokens())
}

// louder is a standardizer of one's own that can be saved.
type louder struct{ Mark string }

func (l louder) Standardize(s string) string { return strings.ToUpper(s) + l.Mark }

func init() { saving.Register[louder]("Test>Louder", "") }

func TestOwnStandardizerAndSplitter(t *testing.T) {
	v := &layers.TextVectorization{Standardize: louder{"!"}, Split: layers.SplitFunc(func(s string) []string { return strings.Split(s, "-") })}
	require.NoError(t, v.Adapt(texts([]int{2}, "a-ü", "b-ü")))
	require.Equal(t, []string{"", "[UNK]", "Ü!", "B", "A"}, v.Tokens())
	y, err := v.Apply(texts([]int{1}, "b-c-ü-A"))
	require.NoError(t, err)
	require.Equal(t, []int32{3, 1, 1, 1}, y.Int32s())
	_, err = saving.ToConfig(v)
	require.ErrorContains(t, err, "split")
	v = &layers.TextVectorization{Standardize: louder{"?"}, Split: layers.NoSplitting, NGramWidths: []int{2, 1}}
	config, err := saving.ToConfig(v)
	require.NoError(t, err)
	loaded := load[*layers.TextVectorization](t, config)
	require.Equal(t, louder{"?"}, loaded.Standardize)
	require.Equal(t, layers.NoSplitting, loaded.Split)
	require.Equal(t, []int{2, 1}, loaded.NGramWidths)
}

// TestNothingToSay is text without tokens, which is one column of padding.
func TestNothingToSay(t *testing.T) {
	v := &layers.TextVectorization{}
	require.NoError(t, v.Adapt(texts([]int{2, 1}, "", " ?!")))
	require.Equal(t, []string{"", "[UNK]"}, v.Tokens())
	y, err := v.Apply(texts([]int{2, 1}, "", " ?!"))
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, []int(y.Shape()))
	require.Equal(t, []int32{0, 0}, y.Int32s())
}

// TestApplyAtOnce uses layers from several goroutines, as a data set's Map does.
func TestApplyAtOnce(t *testing.T) {
	text := &layers.TextVectorization{Vocabulary: []string{"a", "b"}, NGrams: 2}
	for _, l := range []layers.Applier{text, &layers.StringLookup{Vocabulary: []string{"a b", "b"}, OutputMode: layers.OutputCount}, &layers.Hashing{NumBins: 3}} {
		x := texts([]int{2, 1}, "a b", "b")
		want, err := l.Apply(x)
		require.NoError(t, err)
		var all sync.WaitGroup
		got := make([]*tensor.Dense, 8)
		for i := range got {
			all.Go(func() { got[i], _ = l.Apply(x) })
		}
		all.Wait()
		for _, y := range got {
			require.NotNil(t, y)
			require.Equal(t, want.Data(), y.Data())
		}
	}
}

// TestVocabularyGrowsBehindAProgram changes a vocabulary that a program uses: indices follow, other sizes are refused.
func TestVocabularyGrowsBehindAProgram(t *testing.T) {
	run := func(l *layers.StringLookup) (*ops.Program, error) {
		in, out, err := recorded(&alone{Layer: l}, []*tensor.Dense{texts([]int{1, 1}, "")}, false)
		require.NoError(t, err)
		return ops.Compile(ops.Options{Inputs: in, Outputs: []ops.Tensor{out}})
	}
	l := &layers.StringLookup{}
	p, err := run(l)
	require.NoError(t, err)
	p.Inputs()[0].Strings()[0] = "b"
	require.NoError(t, l.Adapt(texts([]int{3}, "a", "a", "b")))
	require.NoError(t, p.Run())
	require.Equal(t, []int32{2}, p.Outputs()[0].Int32s())

	l = &layers.StringLookup{OutputMode: layers.OutputCount}
	require.NoError(t, l.Adapt(texts([]int{1}, "a")))
	p, err = run(l)
	require.NoError(t, err)
	require.NoError(t, l.Adapt(texts([]int{2}, "a", "b")))
	require.ErrorContains(t, p.Run(), "changed from 2 to 3")
}

// TestStridedInput adapts to and normalizes a transposed array.
func TestStridedInput(t *testing.T) {
	x := reals([]int{2, 3}, 1, 2, 3, 4, 5, 6)
	require.NoError(t, x.T())
	n := &layers.Normalization{}
	require.NoError(t, n.Adapt(x)) // [3, 2]: means 2 and 5
	y, err := n.Apply(x)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2}, []int(y.Shape()))
	want := float32(1.2247449) // sqrt(3/2)
	require.InDeltaSlice(t, []float32{-want, -want, 0, 0, want, want}, y.Float32s(), 1e-6)
}

// TestInAPipeline prepares the batches of a data set.
func TestInAPipeline(t *testing.T) {
	v := &layers.TextVectorization{OutputSequenceLength: 2}
	set := data.FromTensorSlices(texts([]int{3}, "b a", "a", "c a a"), nil).Batch(2)
	require.NoError(t, v.AdaptDataset(set))
	require.Equal(t, []string{"", "[UNK]", "a", "c", "b"}, v.Tokens())
	mapped := set.Map(func(b data.Batch) (data.Batch, error) {
		y, err := v.Apply(b.X[0])
		b.X = []*tensor.Dense{y}
		return b, err
	})
	var got []int32
	for b, err := range mapped.Batches(1, 0) {
		require.NoError(t, err)
		got = slices.Concat(got, b.X[0].Int32s())
	}
	require.Equal(t, []int32{4, 2, 2, 0, 3, 2}, got)
}
