package callbacks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What compares with nothing would silently stop or save nothing.
func TestNaNIsNoBound(t *testing.T) {
	nan := math.NaN()
	for want, c := range map[string]Callback{
		"EarlyStopping: MinDelta: expected a number, got NaN":                &EarlyStopping{Monitor: "loss", MinDelta: nan},
		"EarlyStopping: Baseline: expected a number, got NaN":                &EarlyStopping{Monitor: "loss", Baseline: &nan},
		"ReduceLROnPlateau: MinDelta: expected a number, got NaN":            &ReduceLROnPlateau{Monitor: "loss", MinDelta: &nan},
		"ReduceLROnPlateau: MinLR: expected 0 or more, got NaN":              &ReduceLROnPlateau{Monitor: "loss", MinLR: nan},
		"ReduceLROnPlateau: MinLR: expected 0 or more, got -1":               &ReduceLROnPlateau{Monitor: "loss", MinLR: -1},
		"ModelCheckpoint: InitialValueThreshold: expected a number, got NaN": &ModelCheckpoint{Filepath: "m.keras", Monitor: "loss", SaveBestOnly: true, InitialValueThreshold: &nan},
	} {
		assert.ErrorContains(t, c.OnTrainBegin(&Run{Model: still{}}), want)
	}
}

// still is a model that nothing happens to.
type still struct{}

func (still) LearningRate() float64            { return 0.1 }
func (still) SetLearningRate(float64) error    { return nil }
func (still) Save(string) error                { return nil }
func (still) Snapshot() (restore func() error) { return func() error { return nil } }
