// Package diagram draws what a model is made of, as Keras's plot_model does: its layers, with their shapes, types and activations, and the
// edges between them.
//
//	err := diagram.Plot("model.png", model, diagram.Options{ShowShapes: true})
//
// Graphviz lays the nodes out. It is part of the program as WebAssembly, which github.com/goccy/go-graphviz compiles when the program starts,
// before main and whether or not anything is drawn, and keeps compiled in a directory of its own among those for temporary files, so that the
// next start is shorter. Import this package only where models are drawn; [Dot] is in it, too, but what it returns any Graphviz can draw.
//
// A diagram of more than 500 nodes is refused, because Graphviz would run out of its stack in WebAssembly; so is any where there is no
// Graphviz, on js and wasip1. [Dot] has no such limits.
package diagram
