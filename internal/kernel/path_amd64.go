package kernel

import "golang.org/x/sys/cpu"

func detect() tier {
	x := &cpu.X86
	if !x.HasAVX2 || !x.HasFMA {
		return tierPortable
	}
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
		return tierAVX512
	}
	return tierAVX2
}
