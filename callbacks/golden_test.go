package callbacks

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

// model is a model of one weight.
type model struct {
	weight    float64
	rate      float64
	snapshots int
	fails     error
	saved     []string
}

func (m *model) LearningRate() float64           { return m.rate }
func (m *model) SetLearningRate(r float64) error { m.rate = r; return m.fails }
func (m *model) Save(path string) error          { m.saved = append(m.saved, path); return m.fails }

func (m *model) Snapshot() func() error {
	m.snapshots++
	w := m.weight
	return func() error { m.weight = w; return m.fails }
}

// saving is a model whose weights can be saved alone.
type saving struct{ *model }

func (s saving) SaveWeights(path string) error { return s.Save(path) }

// fit calls the hooks as training does; after epoch e the weight is e+1. It returns the number of epochs run.
func fit(c Callback, r *Run, m *model, key string, values []*float64) (int, error) {
	l := List{c}
	if err := l.OnTrainBegin(r); err != nil {
		return 0, err
	}
	logs := Logs{}
	for epoch, v := range values {
		logs[key] = math.NaN()
		if v != nil {
			logs[key] = *v
		}
		m.weight = float64(epoch + 1)
		err := l.OnEpochEnd(r, epoch, logs)
		if errors.Is(err, ErrStop) {
			return epoch + 1, l.OnTrainEnd(r, logs)
		}
		if err != nil {
			return epoch + 1, err
		}
	}
	return len(values), l.OnTrainEnd(r, logs)
}

// settings are what cases set of callbacks that monitor a value.
type settings struct {
	Monitor               string
	MinDelta              *float64 `json:"min_delta"`
	Patience              *int
	Mode                  Mode
	Baseline              *float64
	RestoreBestWeights    bool `json:"restore_best_weights"`
	StartFromEpoch        int  `json:"start_from_epoch"`
	Factor                *float64
	Cooldown              int
	MinLR                 float64  `json:"min_lr"`
	InitialValueThreshold *float64 `json:"initial_value_threshold"`
	SaveWeightsOnly       bool     `json:"save_weights_only"`
	SaveBestOnly          bool     `json:"save_best_only"`
}

// golden is what internal/golden/callbacks.py asked Keras.
type golden struct {
	EarlyStopping []struct {
		Sequence     string
		Config       settings
		Values       []*float64
		Epochs       int
		StoppedEpoch int `json:"stopped_epoch"`
		BestEpoch    int `json:"best_epoch"`
		Weight       float64
	} `json:"early_stopping"`
	Directions map[string]Mode
	Stopping   []struct {
		Config settings
		Values []number
		Text   string
		Epochs int
		Weight float64
	}
	Plateau []struct {
		Config        settings
		Values        []number
		Rate          float64
		Rates, Logged []float64
		Text          string
	}
	Scheduler []struct {
		Factor, Step, Rate float64
		Rates, Logged      []float64
		Text               string
	}
	Checkpoint []struct {
		Config   settings
		SaveFreq int `json:"save_freq"`
		Path     string
		Epochs   []struct {
			Batches []number
			ValLoss number `json:"val_loss"`
		}
		Text  string
		Paths []string
	}
	CSV []struct {
		Separator string
		Append    bool
		Before    *string
		Runs      [][]map[string]number
		Text      string
	}
	NaN []struct {
		Losses  []number
		Text    string
		Stopped int
	}
	Swap []struct {
		SwapOnEpoch bool `json:"swap_on_epoch"`
		Epochs      int
		Steps       []struct {
			Hook         string
			Epoch        int
			Weight, Mean float64
		}
	}
	Norm []struct {
		Shape       []int
		Value, Want []float32
		MaxValue    float64 `json:"max_value"`
		Axis        []int
	}
	Remote []struct {
		Config struct {
			Path, Field string
			Headers     map[string]string
			SendAsJSON  bool `json:"send_as_json"`
		}
		Epoch int
		Logs  map[string]number
		Sent  *struct {
			URL, Body, Type string
			Headers         map[string]string
		}
		Down bool
		Text string
	}
	Format []struct {
		Spec  string
		Int   *int
		Float *number
		Want  *string
	}
	Template []struct {
		Text string
		Logs map[string]number
		Want *string
	}
}

func load(t *testing.T) golden {
	t.Helper()
	var g golden
	unpack(t, "testdata/callbacks.json.gz", &g)
	return g
}

func unpack(t *testing.T, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(into))
}

func logsOf(values map[string]number) Logs {
	logs := Logs{}
	for name, v := range values {
		logs[name] = float64(v)
	}
	return logs
}
