package datasets_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing/fstest"

	"github.com/gokeras/gokeras/datasets"
)

func ExampleMNIST() {
	train, test, err := datasets.MNIST()
	fmt.Println(train.X.Shape(), train.Y.Shape(), test.X.Shape(), err)
	fmt.Println(train.Y.Uint8s()[:5])
	// Output:
	// (6000, 28, 28) (6000) (1000, 28, 28) <nil>
	// [5 0 4 1 9]
}

func ExampleMakeBlobs() {
	s, err := datasets.MakeBlobs(datasets.Blobs{NSamples: 30, Centers: 2, Seed: 1})
	fmt.Println(s.X.Shape(), s.Y.Shape(), err)
	// Output: (30, 2) (30) <nil>
}

func ExampleMakeMoons() {
	s, err := datasets.MakeMoons(datasets.Moons{NSamples: 4, Shuffle: new(false)})
	fmt.Printf("%.1f %v %v\n", s.X.Float32s(), s.Y.Int32s(), err)
	// Output: [1.0 0.0 -1.0 0.0 0.0 0.5 2.0 0.5] [0 0 1 1] <nil>
}

func ExampleMakeRegression() {
	s, coef, err := datasets.MakeRegression(datasets.Regression{NFeatures: 3, NInformative: new(1), Shuffle: new(false)})
	fmt.Println(s.X.Shape(), s.Y.Shape(), coef.Float32s()[1:], err)
	// Output: (100, 3) (100) [0 0] <nil>
}

func ExampleIris() {
	s, err := datasets.Iris()
	fmt.Println(s.FeatureNames[0], s.X.Float64s()[0], s.TargetNames[s.Y.Int32s()[0]], err)
	// Output: sepal length (cm) 5.1 setosa <nil>
}

func ExamplePenguins() {
	t, err := datasets.Penguins()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Len(), t.Names())
	known, err := t.DropMissing()
	fmt.Println(known.Len(), err)
	// Output:
	// 344 [Species Island Beak Length (mm) Beak Depth (mm) Flipper Length (mm) Body Mass (g) Sex]
	// 334 <nil>
}

func ExampleCache_GetFile() {
	server := httptest.NewServer(http.FileServerFS(fstest.MapFS{"notes.txt": {Data: []byte("what was fetched")}}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	cache := datasets.Cache{Dir: dir}
	path, err := cache.GetFile(context.Background(), datasets.GetFileOptions{
		Origin:   server.URL + "/notes.txt",
		FileHash: "ffa9b1a091925ab44ad122595c231177b48c05dcb9d9a5fa44efaa66aed6725f",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := os.ReadFile(path)
	fmt.Println(string(text), err)
	// Output: what was fetched <nil>
}
