package datasets

import (
	_ "embed" // for the files below
	"strings"

	"github.com/pkg/errors"
)

//go:embed data/mnist-mini-train-images-idx3-ubyte.gz
var mnistTrainImages string

//go:embed data/mnist-mini-train-labels-idx1-ubyte.gz
var mnistTrainLabels string

//go:embed data/mnist-mini-t10k-images-idx3-ubyte.gz
var mnistTestImages string

//go:embed data/mnist-mini-t10k-labels-idx1-ubyte.gz
var mnistTestLabels string

//go:embed data/fashion-mini-train-images-idx3-ubyte.gz
var fashionTrainImages string

//go:embed data/fashion-mini-train-labels-idx1-ubyte.gz
var fashionTrainLabels string

//go:embed data/fashion-mini-t10k-images-idx3-ubyte.gz
var fashionTestImages string

//go:embed data/fashion-mini-t10k-labels-idx1-ubyte.gz
var fashionTestLabels string

// MNIST returns handwritten digits: the first 6,000 of MNIST's 60,000 training images and the first 1,000 of its 10,000 test images. X is
// [n, 28, 28] uint8, 0 is background; Y is [n] uint8, the digit. It adds 1.1 MB to a program. All of MNIST: [Cache.MNIST].
func MNIST() (train, test Split, err error) {
	if train, err = idxSplit(strings.NewReader(mnistTrainImages), strings.NewReader(mnistTrainLabels)); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: MNIST: train")
	}
	if test, err = idxSplit(strings.NewReader(mnistTestImages), strings.NewReader(mnistTestLabels)); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: MNIST: test")
	}
	return train, test, nil
}

// FashionMNIST returns pictures of clothes in MNIST's form: the first 6,000 training images and the first 1,000 test images of Fashion-MNIST (Xiao, Rasul,
// Vollgraf 2017). X is [n, 28, 28] uint8; Y is [n] uint8: 0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag,
// 9 ankle boot, as TargetNames has them. It adds 3.0 MB to a program. All of Fashion-MNIST: [Cache.FashionMNIST].
func FashionMNIST() (train, test Split, err error) {
	if train, err = idxSplit(strings.NewReader(fashionTrainImages), strings.NewReader(fashionTrainLabels)); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: FashionMNIST: train")
	}
	if test, err = idxSplit(strings.NewReader(fashionTestImages), strings.NewReader(fashionTestLabels)); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: FashionMNIST: test")
	}
	train.TargetNames, test.TargetNames = fashionNames(), fashionNames()
	return train, test, nil
}

func fashionNames() []string {
	return []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
}
