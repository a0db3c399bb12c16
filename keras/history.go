package keras

import "github.com/gokeras/gokeras/callbacks"

// A History is what each epoch of training came to.
type History struct {
	// Epoch holds the numbers of the epochs, from 0.
	Epoch []int
	// Metrics holds the values of each epoch under Keras's names: "loss", "accuracy", "val_loss".
	Metrics map[string][]float64
}

func (h *History) add(epoch int, logs callbacks.Logs) {
	if h.Metrics == nil {
		h.Metrics = map[string][]float64{}
	}
	h.Epoch = append(h.Epoch, epoch)
	for name, v := range logs {
		h.Metrics[name] = append(h.Metrics[name], v)
	}
}
