package ops

import (
	"slices"
	"strings"
	"unicode"

	"github.com/pkg/errors"
)

// An operand of a contraction: a tensor with a label for each of its axes.
type operand struct {
	x      Tensor
	labels []rune
}

// ellipsis is the label of the last axis that "..." stands for; those before it have the labels behind it.
const ellipsis rune = 1 << 20

// Einsum sums products of elements by Einstein's convention: "ij,jk->ik" is a matrix product. Labels are letters; "..." stands for
// the axes that are not named, which are broadcast. Without "->" the result has the labels that appear once, in alphabetical order.
// It is computed by transposes, sums and matrix products of floats; more than two operands are taken from left to right.
func Einsum(subscripts string, xs ...Tensor) Tensor {
	if err := firstError(xs); err != nil {
		return Fail("", err)
	}
	y, err := einsum(subscripts, xs)
	if err != nil {
		path := ""
		if len(xs) > 0 {
			path = xs[0].path
		}
		return Fail(path, errors.Wrapf(err, "einsum %q", subscripts))
	}
	return y
}

func einsum(subscripts string, xs []Tensor) (Tensor, error) {
	terms, result, err := parseSubscripts(subscripts, xs)
	if err != nil {
		return Tensor{}, err
	}
	sizes, err := sizesOf(terms)
	if err != nil {
		return Tensor{}, err
	}
	for i := range terms {
		terms[i] = terms[i].plain(sizes)
	}
	total := terms[0].sumOut(slices.Concat(labelsOf(terms[1:]), result))
	for i, t := range terms[1:] {
		total = contract(total, t, slices.Concat(labelsOf(terms[i+2:]), result))
	}
	return total.arranged(result).x, nil
}

func labelsOf(terms []operand) []rune {
	var all []rune
	for _, t := range terms {
		all = append(all, t.labels...)
	}
	return all
}

// parseSubscripts labels the axes of the operands and of the result.
func parseSubscripts(subscripts string, xs []Tensor) (terms []operand, result []rune, err error) {
	left, right, explicit := strings.Cut(strings.ReplaceAll(subscripts, " ", ""), "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(xs) {
		return nil, nil, errors.Errorf("%d operands: expected %d", len(xs), len(parts))
	}
	dots := 0
	for i, p := range parts {
		labels, n, err := labelAxes(p, xs[i].Rank())
		if err != nil {
			return nil, nil, errors.Wrapf(err, "operand %d of shape %v", i, xs[i].Spec().Shape)
		}
		terms = append(terms, operand{xs[i], labels})
		dots = max(dots, n)
	}
	if !explicit {
		return terms, implicitResult(terms, dots), nil
	}
	named := len(strings.ReplaceAll(right, "...", ""))
	if strings.Contains(right, "...") {
		named += dots
	}
	if result, _, err = labelAxes(right, named); err != nil {
		return nil, nil, errors.Wrap(err, "result")
	}
	all := labelsOf(terms)
	for i, l := range result {
		if !slices.Contains(all, l) || slices.Contains(result[:i], l) {
			return nil, nil, errors.Errorf("label %q of the result: expected one that is in an operand, once", l)
		}
	}
	return terms, result, nil
}

// labelAxes gives each of rank axes its label; dots is how many of them "..." stands for.
func labelAxes(p string, rank int) (labels []rune, dots int, err error) {
	before, after, some := strings.Cut(p, "...")
	for _, r := range before + after {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return nil, 0, errors.Errorf("label %q: expected a letter or \"...\"", r)
		}
	}
	dots = rank - len(before) - len(after)
	if dots < 0 || dots > 0 && !some {
		return nil, 0, errors.Errorf("labels %q do not fit %d axes", p, rank)
	}
	labels = []rune(before)
	for k := dots - 1; k >= 0; k-- {
		labels = append(labels, ellipsis+rune(k))
	}
	return append(labels, []rune(after)...), dots, nil
}

// implicitResult has the axes of "...", then the labels that appear once.
func implicitResult(terms []operand, dots int) []rune {
	count := map[rune]int{}
	for _, l := range labelsOf(terms) {
		count[l]++
	}
	var result, once []rune
	for k := dots - 1; k >= 0; k-- {
		result = append(result, ellipsis+rune(k))
	}
	for l, n := range count {
		if n == 1 && l < ellipsis {
			once = append(once, l)
		}
	}
	slices.Sort(once)
	return append(result, once...)
}

// sizesOf is the size of each label's axes, of which those of size 1 are broadcast.
func sizesOf(terms []operand) (map[rune]int, error) {
	sizes := map[rune]int{}
	for _, t := range terms {
		for i, l := range t.labels {
			d, old := t.x.Dim(i), sizes[l]
			switch {
			case old == 0, old == 1, old == Unknown && d > 1:
				sizes[l] = d
			case d != old && d != 1 && d != Unknown:
				return nil, errors.Errorf("axis %q has sizes %d and %d", l, old, d)
			}
		}
	}
	return sizes, nil
}

// plain is an operand in which no label appears twice and nothing is to be broadcast.
func (o operand) plain(sizes map[rune]int) operand {
	o.labels = slices.Clone(o.labels)
	for i := 0; i < len(o.labels); i++ {
		l := o.labels[i]
		if o.x.Dim(i) == 1 && sizes[l] != 1 {
			o.x, o.labels = Squeeze(o.x, i), slices.Delete(o.labels, i, i+1)
			i--
			continue
		}
		if j := slices.Index(o.labels[:i], l); j >= 0 {
			o.x = Diagonal(o.x, 0, j, i)
			o.labels = append(slices.Delete(slices.Delete(o.labels, i, i+1), j, j+1), l)
			i -= 2
		}
	}
	return o
}

// sumOut sums over the axes whose labels are not to be kept.
func (o operand) sumOut(keep []rune) operand {
	var axes []int
	var labels []rune
	for i, l := range o.labels {
		if slices.Contains(keep, l) {
			labels = append(labels, l)
		} else {
			axes = append(axes, i)
		}
	}
	if len(axes) > 0 {
		o.x = Sum(o.x, axes...)
	}
	o.labels = labels
	return o
}

// arranged puts the axes in the order of labels.
func (o operand) arranged(labels []rune) operand {
	order := make([]int, len(labels))
	for i, l := range labels {
		order[i] = slices.Index(o.labels, l)
	}
	return operand{reordered(o.x, order), labels}
}

func (o operand) sizes(labels []rune) []int {
	s := make([]int, len(labels))
	for i, l := range labels {
		s[i] = o.x.Dim(slices.Index(o.labels, l))
	}
	return s
}

// contract sums a·b over the labels that both have and nobody keeps.
func contract(a, b operand, keep []rune) operand {
	a, b = a.sumOut(slices.Concat(b.labels, keep)), b.sumOut(slices.Concat(a.labels, keep))
	var batch, rows, columns, summed []rune
	for _, l := range a.labels {
		switch {
		case !slices.Contains(b.labels, l):
			rows = append(rows, l)
		case slices.Contains(keep, l):
			batch = append(batch, l)
		default:
			summed = append(summed, l)
		}
	}
	for _, l := range b.labels {
		if !slices.Contains(a.labels, l) {
			columns = append(columns, l)
		}
	}
	result := operand{labels: slices.Concat(batch, rows, columns)}
	if len(summed) == 0 {
		result.x = spreadProduct(a, b, batch, rows, columns)
		return result
	}
	if len(batch) == 0 {
		x := merged(a.arranged(slices.Concat(rows, summed)).x, len(rows), len(summed))
		result.x = rowsProduct(x, b, summed, columns)
		return result
	}
	k := len(batch)
	x := merged(merged(a.arranged(slices.Concat(batch, rows, summed)).x, k+len(rows), len(summed)), k, len(rows))
	w, transposed := b.matrix(batch, summed, columns)
	y := apply(batchProduct{transY: transposed}, asFloat(x), asFloat(w))
	result.x = unmerged(unmerged(y, k+1, b.sizes(columns)), k, a.sizes(rows))
	return result
}

// rowsProduct is x [..., summed] times an operand without batch axes.
func rowsProduct(x Tensor, b operand, summed, columns []rune) Tensor {
	if len(columns) == 0 {
		return MatMul(x, merged(b.arranged(summed).x, 0, len(summed)))
	}
	w, transposed := b.matrix(nil, summed, columns)
	isVector := x.Rank() == 1
	if isVector {
		x = ExpandDims(x, 0)
	}
	y := apply(product{transW: transposed}, asFloat(x), asFloat(w))
	if isVector {
		y = Squeeze(y, 0)
	}
	return unmerged(y, y.Rank()-1, b.sizes(columns))
}

// matrix is an operand as [batch..., summed, columns], or transposed where that leaves the last axis in its place.
func (o operand) matrix(batch, summed, columns []rune) (x Tensor, transposed bool) {
	first, second := summed, columns
	if len(columns) > 0 && o.labels[len(o.labels)-1] == summed[len(summed)-1] {
		first, second, transposed = columns, summed, true
	}
	x = o.arranged(slices.Concat(batch, first, second)).x
	k := len(batch)
	return merged(merged(x, k+len(first), len(second)), k, len(first)), transposed
}

// spreadProduct is a·b for each pair of rows and columns, without a sum.
func spreadProduct(a, b operand, batch, rows, columns []rune) Tensor {
	x, y := a.arranged(slices.Concat(batch, rows)).x, b.arranged(slices.Concat(batch, columns)).x
	if len(batch)+len(rows) > 0 {
		for range columns {
			x = ExpandDims(x, -1)
		}
	}
	if len(batch) > 0 {
		for range rows {
			y = ExpandDims(y, len(batch))
		}
	}
	return Multiply(x, y)
}
