package layers

// An Omitter is a layer whose constructor in Keras lacks arguments that all others have, such as "trainable": they stay out of its configuration.
type Omitter interface {
	Part
	Omits() []string
}

// An AssetKeeper is a layer that keeps files beside its weights, such as a vocabulary, in a model's file.
type AssetKeeper interface {
	Part
	// Assets are the files by their names; none where the layer's configuration says all.
	Assets() map[string][]byte
	// SetAssets takes up what Assets gave. It is called before the layer is built.
	SetAssets(files map[string][]byte) error
}
