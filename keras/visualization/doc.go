// Package visualization draws: the curves of a training, galleries of images, a confusion matrix. Pictures are PNG or SVG. The same input gives
// the same bytes: fonts are part of the program.
//
//	picture, err := visualization.History(history)
//	err = picture.Save("curves.svg")
//
// Only programs that draw should import this package: it brings gonum's plots and fonts. The diagram of a model is drawn by the package diagram.
package visualization
