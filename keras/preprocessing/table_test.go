package preprocessing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

var nan, inf = math.NaN(), math.Inf(1)

func penguins() *Table {
	return &Table{Columns: []Column{
		{Name: "species", Texts: []string{"Adelie", "Gentoo", "", "Adelie"}},
		{Name: "mass", Numbers: []float64{3750, nan, 4200, 3800}},
		{Name: "year", Numbers: []float64{2007, 2008, 2009, 2007}},
	}}
}

func TestTableArray(t *testing.T) {
	t.Parallel()
	p := penguins()
	assert.Equal(t, 4, p.Len())
	assert.Equal(t, []string{"species", "mass", "year"}, p.Names())
	x, err := p.Array("year", "mass")
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{4, 2}, x.Shape())
	assert.Equal(t, []float32{2007, 3750, 2008}, x.Float32s()[:3])
	assert.True(t, math.IsNaN(float64(x.Float32s()[3])))
	words, err := p.Texts("species")
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{4, 1}, words.Shape())
	assert.Equal(t, p.Columns[0].Texts, words.Strings())
	words.Strings()[0] = "other"
	assert.Equal(t, "Adelie", p.Columns[0].Texts[0], "a copy")
}

func TestTableSubsets(t *testing.T) {
	t.Parallel()
	p := penguins()
	picked, err := p.Select("year", "species")
	require.NoError(t, err)
	assert.Equal(t, []string{"year", "species"}, picked.Names())
	rest, err := p.Drop("year")
	require.NoError(t, err)
	assert.Equal(t, []string{"species", "mass"}, rest.Names())
	whole, err := p.DropMissing()
	require.NoError(t, err)
	assert.Equal(t, []Column{
		{Name: "species", Texts: []string{"Adelie", "Adelie"}}, {Name: "mass", Numbers: []float64{3750, 3800}}, {Name: "year", Numbers: []float64{2007, 2007}},
	}, whole.Columns)
	known, err := p.DropMissing("species")
	require.NoError(t, err)
	assert.Equal(t, 3, known.Len())
	again, err := p.Rows(3, 0, 3)
	require.NoError(t, err)
	assert.Equal(t, []float64{3800, 3750, 3800}, again.Columns[1].Numbers)
	none, err := p.Rows()
	require.NoError(t, err)
	assert.Zero(t, none.Len())
	assert.Equal(t, penguins().Names(), none.Names())
	assert.Equal(t, 4, p.Len(), "p stays as it is")

	train, test, err := p.Split(7, 0.3)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, []int{train.Len(), test.Len()})
	year := tensor.New(tensor.WithShape(4), tensor.WithBacking([]float64{2007, 2008, 2009, 2007}))
	_, same, err := TrainTestSplit(7, 0.3, year)
	require.NoError(t, err)
	assert.Equal(t, same[0].Float64s(), test.Columns[2].Numbers, "the rows of TrainTestSplit")
}

func TestTableErrors(t *testing.T) {
	t.Parallel()
	p := penguins()
	var none *Table
	ragged := &Table{Columns: []Column{{Name: "a", Numbers: []float64{1, 2}}, {Name: "b", Texts: []string{"x"}}}}
	both := &Table{Columns: []Column{{Name: "a", Numbers: []float64{1}, Texts: []string{"x"}}}}
	empty := &Table{Columns: []Column{{Name: "a", Texts: []string{}}}}
	for says, f := range map[string]func() (any, error){
		`column "wing": expected one of ["species" "mass" "year"]`: func() (any, error) { return p.Column("wing") },
		`column "species": expected numbers, got texts`:            func() (any, error) { return p.Array() },
		`column "mass": expected texts, got numbers`:               func() (any, error) { return p.Texts("mass") },
		`column "wing"`:                   func() (any, error) { return p.Drop("year", "wing") },
		`column "tail"`:                   func() (any, error) { return p.DropMissing("tail") },
		`expected a row in [0, 4), got 4`: func() (any, error) { return p.Rows(0, 4) },
		`got -1`:                          func() (any, error) { return p.Rows(-1) },
		`column "b": expected 2 values as in column "a", got 1`:             func() (any, error) { return ragged.Rows(0) },
		`expected numbers or texts, got both`:                               func() (any, error) { return both.Array() },
		`Texts: expected at least one row`:                                  func() (any, error) { return empty.Texts("a") },
		`Array: expected at least one row`:                                  func() (any, error) { return empty.Array() },
		`expected columns, got none`:                                        func() (any, error) { return none.Array() },
		`column "a": expected one of []`:                                    func() (any, error) { return none.Column("a") },
		`expected a share in (0, 1) that leaves both sets something of 0 s`: func() (any, error) { _, _, err := none.Split(1, 0.5); return nil, err },
	} {
		_, err := f()
		require.ErrorContains(t, err, says)
	}
	assert.Zero(t, none.Len())
	assert.Empty(t, none.Names())
}
