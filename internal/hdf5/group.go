package hdf5

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Group is a directory of groups and data sets, with attributes.
type Group struct {
	attributes
	addr    uint64
	links   map[string]link
	names   []string
	parents []uint64 // Header addresses from the root down.
}

type linkKind uint8

const (
	hardLink linkKind = iota
	softLink
	externalLink
)

type link struct {
	kind   linkKind
	addr   uint64
	target string // Of a soft link.
}

func (f *File) group(o *object, path string, parents []uint64) (*Group, error) {
	g := &Group{addr: o.addr, parents: parents, links: map[string]link{}}
	err := f.readLinks(o, g.links)
	if err == nil {
		g.attributes, err = f.attributes(o, path)
	}
	if err != nil {
		return nil, errors.Wrapf(err, "hdf5: %s", path)
	}
	g.names = sortedKeys(g.links)
	return g, nil
}

func (f *File) readLinks(o *object, links map[string]link) error {
	if m := o.find(msgSymbolTable); m != nil {
		return f.readSymbolTable(m, links)
	}
	if m := o.find(msgLinkInfo); m != nil {
		if err := f.refuseDense(m); err != nil {
			return err
		}
	}
	for i := range o.messages {
		if m := &o.messages[i]; m.kind == msgLink {
			if err := f.readLinkMessage(m, links); err != nil {
				return err
			}
		}
	}
	return nil
}

// Path is where the group is in its file, "/" for the root.
func (g *Group) Path() string { return g.path }

// Names returns the names of the group's members, sorted by bytes as HDF5 stores them.
func (g *Group) Names() []string { return slices.Clone(g.names) }

// Has reports whether the group has a member of that name, of whatever kind.
func (g *Group) Has(name string) bool {
	_, ok := g.links[name]
	return ok
}

// Group returns the group at a path of names separated by slashes, relative to g. The empty path
// is g itself. What is missing has the cause ErrNotFound.
func (g *Group) Group(path string) (*Group, error) {
	for _, name := range components(path) {
		child, data, err := g.open(name)
		if err != nil {
			return nil, err
		}
		if data != nil {
			return nil, errors.Errorf("hdf5: %s: expected a group, got a data set", data.path)
		}
		g = child
	}
	return g, nil
}

// Dataset returns the data set at a path of names separated by slashes, relative to g. What is
// missing has the cause ErrNotFound.
func (g *Group) Dataset(path string) (*Dataset, error) {
	names := components(path)
	if len(names) == 0 {
		return nil, errors.Errorf("hdf5: %s: expected a data set, got a group", g.path)
	}
	last := len(names) - 1
	g, err := g.Group(strings.Join(names[:last], "/"))
	if err != nil {
		return nil, err
	}
	child, data, err := g.open(names[last])
	if err != nil {
		return nil, err
	}
	if child != nil {
		return nil, errors.Errorf("hdf5: %s: expected a data set, got a group", child.path)
	}
	return data, nil
}

// open reads a member: a group or a data set.
func (g *Group) open(name string) (*Group, *Dataset, error) {
	path := strings.TrimSuffix(g.path, "/") + "/" + name
	l, ok := g.links[name]
	if !ok {
		return nil, nil, errors.Wrapf(ErrNotFound, "hdf5: %s (the group has %s)", path, listed(g.names))
	}
	switch l.kind {
	case softLink:
		return nil, nil, errors.Errorf("hdf5: %s: a soft link to %q is not followed", path, l.target)
	case externalLink:
		return nil, nil, errors.Errorf("hdf5: %s: a link into another file is not followed", path)
	}
	if l.addr == g.addr || slices.Contains(g.parents, l.addr) {
		return nil, nil, errors.Errorf("hdf5: %s: the group contains itself", path)
	}
	if len(g.parents) >= maxDepth {
		return nil, nil, errors.Errorf("hdf5: %s: groups nest more than %d deep", path, maxDepth)
	}
	return g.openAt(l.addr, path)
}

func (g *Group) openAt(addr uint64, path string) (*Group, *Dataset, error) {
	o, err := g.file.object(addr)
	if err != nil {
		return nil, nil, errors.Wrapf(err, "hdf5: %s", path)
	}
	switch {
	case o.isGroup():
		child, err := g.file.group(o, path, append(slices.Clone(g.parents), g.addr))
		return child, nil, err
	case o.isDataset():
		data, err := g.file.dataset(o, path)
		return nil, data, err
	}
	return nil, nil, errors.Errorf("hdf5: %s: expected a group or a data set, got another kind of object", path)
}

func components(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// listed shortens a list of names for an error message.
func listed(names []string) string {
	const shown = 8
	switch {
	case len(names) == 0:
		return "no members"
	case len(names) > shown:
		return strings.Join(names[:shown], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
