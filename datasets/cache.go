package datasets

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/datasets/internal/fetch"
	"github.com/gokeras/gokeras/internal/progbar"
)

// A Cache downloads data sets once and keeps them. Its methods are the loaders of keras.datasets, with their arguments, numbers and order of samples, and
// [Cache.GetFile]. The zero Cache is ready to use; it may be used by several goroutines if Client and Progress may.
//
// The hash of every file of Keras's is known and checked before it is used. A file that is there with the right hash is used without the network, so it may
// as well be put there by hand: the error of a failed download says which file belongs where. A download that broke off is continued by the next call.
// Of several calls for one file at once, also in other processes, one downloads and the others wait.
type Cache struct {
	Dir      string       // files are in its subdirectory datasets; "": gokeras in the user's cache directory (os.UserCacheDir)
	Client   *http.Client // nil: http.DefaultClient, which waits as long as the context does
	Progress io.Writer    // shows the bar of Keras's downloads; nil: nothing is shown

	hashes map[string]string // by file name, in place of Keras's: tests have other files
}

// GetFileOptions are the arguments of keras.utils.get_file. Its cache_dir is [Cache].Dir.
type GetFileOptions struct {
	// Fname is the name that the file gets; "": the last part of Origin's path. Where Extract is set and Fname has no dot, it is the name of the
	// directory.
	Fname  string
	Origin string // the file's URL

	FileHash      string // hexadecimal digits that the file's hash has to have; "": the file is not checked
	HashAlgorithm string // "sha256", "md5" or "auto", by the length of FileHash; "": "auto"

	CacheSubdir string // below the cache's Dir, or absolute; "": "datasets"

	// Extract takes the file for an archive of ArchiveFormat "tar" (also compressed by gzip or bzip2), "zip" or "auto", either; "": "auto". A directory
	// that is not older than the archive is taken for what the archive holds.
	Extract       bool
	ArchiveFormat string
	MaxExtracted  int64 // bytes that may come out of the archive, a bound on bombs; 0: 64 GiB

	ForceDownload bool // download even if the file is there
}

// maxExtracted is the default of [GetFileOptions].MaxExtracted.
const maxExtracted = 64 << 30

// GetFile returns the path of a file, or with Extract of the directory of an archive's files, as keras.utils.get_file does, which has the same names for
// them. It downloads what is not there, or there with another hash.
//
// Unlike Keras it returns an error where Extract finds no archive, or one with links, devices, or paths that lead out of it: those are never made.
// A Dir that cannot be written to is an error and not replaced by another. It resumes, checks and locks as [Cache] says.
func (c Cache) GetFile(ctx context.Context, o GetFileOptions) (string, error) {
	p, err := c.get(ctx, o, 0)
	return p, errors.WithMessage(err, "datasets: GetFile")
}

// get is GetFile with a bound on the download.
func (c Cache) get(ctx context.Context, o GetFileOptions, most int64) (string, error) {
	digest, err := fetch.NewDigest(o.HashAlgorithm, o.FileHash)
	if err != nil {
		return "", err
	}
	formats, err := formatsOf(o.ArchiveFormat)
	if err != nil {
		return "", err
	}
	file, dir, err := c.places(o)
	if err != nil {
		return "", err
	}
	client := fetch.Client{HTTP: c.Client, Progress: c.bar(o.Origin)}
	request := fetch.Request{URL: o.Origin, Path: file, Digest: digest, Most: most, Force: o.ForceDownload}
	if err := client.File(ctx, request); err != nil {
		return "", missing(err, request)
	}
	if !o.Extract {
		return file, nil
	}
	archive := fetch.Archive{Path: file, Formats: formats, Most: o.MaxExtracted}
	if archive.Most == 0 {
		archive.Most = maxExtracted
	}
	if err := archive.Extract(ctx, dir); err != nil {
		return "", err
	}
	return dir, nil
}

// missing says how to do without the network.
func missing(err error, r fetch.Request) error {
	if r.Digest == (fetch.Digest{}) {
		return errors.WithMessagef(err, "%s is not there and could not be downloaded; it may be put there by hand", r.Path)
	}
	return errors.WithMessagef(err, "%s with %v is not there and could not be downloaded; it may be put there by hand", r.Path, r.Digest)
}

func formatsOf(format string) ([]string, error) {
	switch format {
	case "", "auto":
		return []string{fetch.Tar, fetch.Zip}, nil
	case fetch.Tar, fetch.Zip:
		return []string{format}, nil
	}
	return nil, errors.Errorf("ArchiveFormat: expected \"auto\", \"tar\" or \"zip\", got %q", format)
}

// places returns the paths of a file and of the directory that it is extracted to, by Keras's rules.
func (c Cache) places(o GetFileOptions) (file, dir string, err error) {
	origin, err := url.Parse(o.Origin)
	if err != nil || origin.Host == "" {
		return "", "", errors.Errorf("Origin: expected a URL, got %q", o.Origin)
	}
	name := o.Fname
	if name == "" {
		name = path.Base(origin.Path)
	}
	if strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) || name == "." {
		return "", "", errors.Errorf("Fname: expected a name without a directory, got %q", name)
	}
	parent, err := c.parent(o.CacheSubdir)
	if err != nil {
		return "", "", err
	}
	stem, _, dotted := strings.Cut(name, ".")
	switch {
	case !o.Extract:
		return filepath.Join(parent, name), "", nil
	case o.Fname != "" && dotted:
		return filepath.Join(parent, name), filepath.Join(parent, stem+"_extracted"), nil
	}
	return filepath.Join(parent, name+"_archive"), filepath.Join(parent, name), nil
}

// parent returns the directory of a file.
func (c Cache) parent(subdir string) (string, error) {
	if subdir == "" {
		subdir = "datasets"
	}
	if filepath.IsAbs(subdir) {
		return subdir, nil
	}
	if c.Dir != "" {
		return filepath.Join(c.Dir, subdir), nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", errors.Wrap(err, "expected Cache.Dir, as the user has no cache directory")
	}
	return filepath.Join(user, "gokeras", subdir), nil
}

// bar returns what shows the progress of a download.
func (c Cache) bar(origin string) func(done, total int64) error {
	if c.Progress == nil {
		return nil
	}
	var bar *progbar.Bar
	return func(done, total int64) error {
		if bar == nil {
			if _, err := io.WriteString(c.Progress, "Downloading data from "+origin+"\n"); err != nil {
				return errors.WithStack(err)
			}
			bar = &progbar.Bar{W: c.Progress, Target: int(total), Verbose: progbar.Drawn, Dynamic: true}
		}
		return bar.Update(int(done), nil)
	}
}

// A pinned file is one of those that Keras's loaders fetch.
type pinned struct {
	name   string
	subdir string // "": datasets
	base   string // URL of its directory
	hash   string
}

const (
	kerasFiles = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
	cifarFiles = "https://www.cs.toronto.edu/~kriz/"

	// maxPinned bounds them: the largest has 170 MB.
	maxPinned = 1 << 28
)

// file returns the path of a pinned file.
func (c Cache) file(ctx context.Context, p pinned) (string, error) {
	if h, ok := c.hashes[p.name]; ok {
		p.hash = h
	}
	return c.get(ctx, GetFileOptions{Fname: p.name, Origin: p.base + p.name, FileHash: p.hash, CacheSubdir: p.subdir}, maxPinned)
}
