package losses

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// CTC is the negative log-probability of a sequence of labels over all its alignments with longer predictions: logits, [batch, time,
// classes]. Targets are class numbers, [batch, labels]; 0 is the blank, and padding behind the labels. Source: Graves et al. 2006; see
// [ops.CTCLoss].
type CTC struct{ Base }

// Loss implements [Loss].
func (CTC) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	yTrue, yPred = sameRank(yTrue, yPred)
	for _, y := range []ops.Tensor{yTrue, yPred} {
		if err := y.Err(); err != nil {
			return ops.Fail(yPred.Path(), err)
		}
	}
	if yTrue.Rank() != 2 || yPred.Rank() != 3 {
		return ops.Fail(yPred.Path(), errors.Errorf("ctc: targets of shape %v and predictions of shape %v: expected [batch, labels] and [batch, time, classes]",
			yTrue.Shape(), yPred.Shape()))
	}
	labels := ops.Cast(yTrue, ops.Int32)
	return ops.CTCLoss(labels, yPred, ops.CountNonzero(labels, -1), ops.Tensor{}, 0)
}
