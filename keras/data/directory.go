package data

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/randomstate"
)

// DirectoryOptions are what keras.utils.image_dataset_from_directory and text_dataset_from_directory have in common.
type DirectoryOptions struct {
	// Labels are given instead of inferred from folders, one for each file in the order of their paths; class folders are then ignored.
	// Default: the number of the class folder that a file is in.
	Labels []int32
	// LabelMode is "int" (Y int32 [batch]), "binary" (float32 [batch, 1], of two classes), "categorical" (float32 [batch, classes]) or "none" (no Y, and
	// class folders are ignored). Default: "int".
	LabelMode string
	// ClassNames are the class folders that are used, in the order of their numbers. Default: all, sorted.
	ClassNames []string
	// BatchSize is the number of files in a batch. Default: 32; -1: they are not batched.
	BatchSize int
	// Shuffle draws the files in random order. Default: true; false: in the order of their paths.
	Shuffle *bool
	// Seed is that of the order which Shuffle begins with, the one that NumPy gives; each epoch shuffles it further. Default: 0; Keras draws one.
	Seed *uint32
	// ValidationSplit is the share of the files, from the end, that is set aside; needs Subset and, where files are shuffled, Seed. Default: 0.
	ValidationSplit float64
	// Subset is "training" or "validation": which part is read.
	Subset string
	// FollowLinks visits folders that symbolic links point to. Default: false.
	FollowLinks bool
	// NumParallelCalls is how many files are read at once. Default: [Autotune].
	NumParallelCalls int
}

// A Directory is a pipeline over files.
type Directory struct {
	Pipeline
	// ClassNames are the names of the classes, in the order of their numbers; nil without labels.
	ClassNames []string
	// FilePaths are the files, in the order in which they come without the shuffling of each epoch.
	FilePaths []string
}

// A listing is the files that were found and their labels.
type listing struct {
	paths   []string
	labels  []int32 // nil: none
	classes []string
}

func (o *DirectoryOptions) check() error {
	if !slices.Contains([]string{"", "int", "binary", "categorical", "none"}, o.LabelMode) {
		return errors.Errorf(`label mode: expected "int", "binary", "categorical" or "none", got %q`, o.LabelMode)
	}
	if o.LabelMode == "" {
		o.LabelMode = "int"
	}
	if o.BatchSize == 0 {
		o.BatchSize = 32
	}
	if o.BatchSize < -1 {
		return errors.Errorf("batch size: expected a number above 0, or -1 for no batches, got %d", o.BatchSize)
	}
	if o.NumParallelCalls == 0 {
		o.NumParallelCalls = Autotune
	}
	if o.ClassNames != nil && (o.Labels != nil || o.LabelMode == "none") {
		return errors.New("class names: expected none where labels are given or there are none: they are names of folders")
	}
	if v := o.ValidationSplit; v < 0 || v >= 1 || v != v {
		return errors.Errorf("validation split: expected a share from 0 to below 1, got %v", v)
	}
	if !slices.Contains([]string{"", "training", "validation"}, o.Subset) {
		return errors.Errorf(`subset: expected "training" or "validation", got %q`, o.Subset)
	}
	if (o.ValidationSplit != 0) != (o.Subset != "") {
		return errors.New("validation split and subset: expected both or neither")
	}
	if o.ValidationSplit != 0 && o.shuffle() && o.Seed == nil {
		return errors.New("seed: expected one with a validation split and shuffling, for the parts not to overlap")
	}
	return nil
}

func (o *DirectoryOptions) shuffle() bool { return o.Shuffle == nil || *o.Shuffle }

// list finds the files whose suffix is one of formats, shuffles them and takes the subset.
func (o *DirectoryOptions) list(directory string, formats []string) (listing, error) {
	if err := o.check(); err != nil {
		return listing{}, err
	}
	l, err := o.find(directory, formats)
	if err != nil {
		return l, err
	}
	if o.LabelMode == "binary" && len(l.classes) != 2 {
		return l, errors.Errorf(`label mode "binary": expected 2 classes, got %q`, l.classes)
	}
	if o.shuffle() {
		seed := uint32(0)
		if o.Seed != nil {
			seed = *o.Seed
		}
		randomstate.Shuffle(l.paths, randomstate.New(seed))
		randomstate.Shuffle(l.labels, randomstate.New(seed))
	}
	from, to := 0, len(l.paths)
	if o.ValidationSplit != 0 {
		cut := to - int(o.ValidationSplit*float64(to))
		if cut == to {
			return l, errors.Errorf("validation split: expected a share that sets aside at least one of %d files, got %v", to, o.ValidationSplit)
		}
		if o.Subset == "training" {
			to = cut
		} else {
			from = cut
		}
	}
	l.paths = l.paths[from:to]
	if l.labels != nil {
		l.labels = l.labels[from:to]
	}
	if len(l.paths) == 0 {
		return l, errors.Errorf("%s: expected files that end in %s, found none%s", directory, strings.Join(formats, ", "), strings.TrimSuffix(" for "+o.Subset, " for "))
	}
	return l, nil
}

func (o *DirectoryOptions) find(directory string, formats []string) (l listing, err error) {
	walk := walker{formats: formats, follow: o.FollowLinks}
	if o.LabelMode == "none" || o.Labels != nil {
		if l.paths, err = walk.files(directory); err != nil || o.LabelMode == "none" {
			return l, err
		}
		if len(o.Labels) != len(l.paths) {
			return l, errors.Errorf("labels: expected one for each of %d files in %s, got %d", len(l.paths), directory, len(o.Labels))
		}
		l.labels = slices.Clone(o.Labels)
		for _, label := range slices.Compact(slices.Sorted(slices.Values(o.Labels))) {
			l.classes = append(l.classes, strconv.Itoa(int(label)))
		}
		return l, nil
	}
	if l.classes, err = o.classes(directory); err != nil {
		return l, err
	}
	for label, class := range l.classes {
		paths, err := walk.files(filepath.Join(directory, class))
		if err != nil {
			return l, err
		}
		l.paths = append(l.paths, paths...)
		l.labels = append(l.labels, slices.Repeat([]int32{int32(label)}, len(paths))...)
	}
	return l, nil
}

// classes are the folders that hold a class each.
func (o *DirectoryOptions) classes(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var folders []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(directory, e.Name())); err == nil && info.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	slices.Sort(folders)
	if o.ClassNames == nil {
		return folders, nil
	}
	for _, name := range o.ClassNames {
		if !slices.Contains(folders, name) {
			return nil, errors.Errorf("class names: expected some of the folders %q in %s, got %q", folders, directory, name)
		}
	}
	return slices.Clone(o.ClassNames), nil
}

// A walker finds files, in the order that Keras lists them: folder by folder, sorted by path.
type walker struct {
	formats []string
	follow  bool
}

func (w walker) files(directory string) ([]string, error) {
	folders, err := w.folders(directory, map[string]bool{})
	if err != nil {
		return nil, err
	}
	slices.Sort(folders)
	var paths []string
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		for _, e := range entries { // They are sorted.
			path := filepath.Join(folder, e.Name())
			if info, err := os.Stat(path); w.fits(e.Name()) && (err != nil || !info.IsDir()) {
				paths = append(paths, path)
			}
		}
	}
	return paths, nil
}

func (w walker) fits(name string) bool {
	return slices.ContainsFunc(w.formats, func(f string) bool { return strings.HasSuffix(strings.ToLower(name), f) })
}

// folders are directory and all below it. seen keeps links from leading around in circles.
func (w walker) folders(directory string, seen map[string]bool) ([]string, error) {
	if w.follow {
		target, err := filepath.EvalSymlinks(directory)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if seen[target] {
			return nil, nil
		}
		seen[target] = true
	}
	all := []string{directory}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	for _, e := range entries {
		path := filepath.Join(directory, e.Name())
		below := e.IsDir()
		if w.follow && e.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			below = err == nil && info.IsDir()
		}
		if !below {
			continue
		}
		more, err := w.folders(path, seen)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// pipeline reads the files, each by load, which makes an X of a path.
func (o *DirectoryOptions) pipeline(l listing, load func(path string) (*tensor.Dense, error)) Directory {
	whole := Batch{X: []*tensor.Dense{tensor.New(tensor.WithShape(len(l.paths)), tensor.WithBacking(slices.Clone(l.paths)))}}
	if l.labels != nil {
		y, err := o.labels(l)
		if err != nil {
			return Directory{Pipeline: Pipeline{}.fail(err)}
		}
		whole.Y = []*tensor.Dense{y}
	}
	p := FromArrays(whole)
	if o.shuffle() {
		buffer := 1024
		if o.BatchSize > 0 {
			buffer = 8 * o.BatchSize
		}
		p = p.Shuffle(buffer)
	}
	p = p.Map(func(b Batch) (Batch, error) {
		x, err := load(b.X[0].Strings()[0])
		return Batch{X: []*tensor.Dense{x}, Y: b.Y}, err
	}, MapOptions{NumParallelCalls: o.NumParallelCalls})
	if o.BatchSize > 0 {
		p = p.Batch(o.BatchSize)
	}
	return Directory{Pipeline: p.Prefetch(Autotune), ClassNames: l.classes, FilePaths: l.paths}
}

// labels are the Y of all files.
func (o *DirectoryOptions) labels(l listing) (*tensor.Dense, error) {
	n, classes := len(l.labels), len(l.classes)
	if o.LabelMode == "int" {
		return tensor.New(tensor.WithShape(n), tensor.WithBacking(l.labels)), nil
	}
	if o.LabelMode == "binary" {
		y := make([]float32, n)
		for i, label := range l.labels {
			y[i] = float32(label)
		}
		return tensor.New(tensor.WithShape(n, 1), tensor.WithBacking(y)), nil
	}
	y := make([]float32, n*classes)
	for i, label := range l.labels {
		if label < 0 || int(label) >= classes {
			return nil, errors.Errorf(`label mode "categorical": expected labels from 0 to below %d, got %d`, classes, label)
		}
		y[i*classes+int(label)] = 1
	}
	return tensor.New(tensor.WithShape(n, classes), tensor.WithBacking(y)), nil
}
