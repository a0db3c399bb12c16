// Package fetch brings files from the network to their place in a directory, whole and checked or not at all, and takes archives apart.
package fetch
