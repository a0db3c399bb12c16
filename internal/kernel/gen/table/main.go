// Command table lists the kernels of package kernel, what runs them on each path, and their tests, in TABLE.md. Run it in the
// package's directory: go run ./gen/table.
package main

import (
	"fmt"
	"os"
)

func main() {
	text, err := table(".")
	if err == nil {
		err = os.WriteFile("TABLE.md", []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
