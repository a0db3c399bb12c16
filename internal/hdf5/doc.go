// Package hdf5 reads and writes the subset of HDF5 that Keras uses for weights.
//
// It writes what h5py writes by default: superblock 0, groups as symbol tables, contiguous
// little-endian arrays and variable-length UTF-8 string attributes. It reads that, and beyond it
// superblocks 2 and 3, object headers of version 2, compact links, fixed-length strings, integers
// and floats of every size and byte order, compact layout, and chunks with gzip and shuffle.
// Whatever else a file holds is an error that names it: dense link storage, soft and external
// links, external data, other filters.
//
// Files are not trusted: no size is believed before it was held against the file's size, no
// structure is visited twice, and nesting is bounded. Checksums of version 2 structures are not
// verified.
//
// The source is the HDF5 File Format Specification, version 3.0.
package hdf5
