package hdf5_test

import (
	"bytes"
	"fmt"

	"github.com/gokeras/gokeras/internal/hdf5"
)

func Example() {
	w := hdf5.New()
	_ = w.Dataset("layers/dense/vars/0", []int{2, 1}, []float32{0.5, -1})
	_ = w.Attr("layers/dense/vars", "name", "dense")
	var file bytes.Buffer
	if _, err := w.WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}
	f, err := hdf5.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	vars, _ := f.Root().Group("layers/dense/vars")
	name, _ := vars.Attr("name")
	kernel, _ := vars.Dataset("0")
	values, err := kernel.Float32s()
	fmt.Println(name, vars.Names(), kernel.Type(), kernel.Shape(), values, err)
	// Output: dense [0] float32 [2 1] [0.5 -1] <nil>
}
