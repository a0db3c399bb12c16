package callbacks

// LambdaCallback calls functions. A nil field is a hook that does nothing. Its fields are Keras's argument names without "On", which the
// methods have.
type LambdaCallback struct {
	Base
	EpochBegin      func(r *Run, epoch int) error            `keras:"on_epoch_begin"`
	EpochEnd        func(r *Run, epoch int, logs Logs) error `keras:"on_epoch_end"`
	TrainBegin      func(r *Run) error                       `keras:"on_train_begin"`
	TrainEnd        func(r *Run, logs Logs) error            `keras:"on_train_end"`
	TrainBatchBegin func(r *Run, batch int) error            `keras:"on_train_batch_begin"`
	TrainBatchEnd   func(r *Run, batch int, logs Logs) error `keras:"on_train_batch_end"`
}

// OnEpochBegin implements [Callback].
func (l *LambdaCallback) OnEpochBegin(r *Run, epoch int) error {
	if l.EpochBegin == nil {
		return nil
	}
	return l.EpochBegin(r, epoch)
}

// OnEpochEnd implements [Callback].
func (l *LambdaCallback) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	if l.EpochEnd == nil {
		return nil
	}
	return l.EpochEnd(r, epoch, logs)
}

// OnTrainBegin implements [Callback].
func (l *LambdaCallback) OnTrainBegin(r *Run) error {
	if l.TrainBegin == nil {
		return nil
	}
	return l.TrainBegin(r)
}

// OnTrainEnd implements [Callback].
func (l *LambdaCallback) OnTrainEnd(r *Run, logs Logs) error {
	if l.TrainEnd == nil {
		return nil
	}
	return l.TrainEnd(r, logs)
}

// OnTrainBatchBegin implements [Callback].
func (l *LambdaCallback) OnTrainBatchBegin(r *Run, batch int) error {
	if l.TrainBatchBegin == nil {
		return nil
	}
	return l.TrainBatchBegin(r, batch)
}

// OnTrainBatchEnd implements [Callback].
func (l *LambdaCallback) OnTrainBatchEnd(r *Run, batch int, logs Logs) error {
	if l.TrainBatchEnd == nil {
		return nil
	}
	return l.TrainBatchEnd(r, batch, logs)
}
