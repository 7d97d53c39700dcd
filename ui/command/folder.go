package command

import (
	"slices"
	"strings"
)

// folderOf names the folder of a cluster: like the cluster, but for names that
// lead elsewhere or that Windows takes for a device, or without its end. IAM
// allows them; it allows no tilde, so that no two clusters have one folder.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func folderOf(cluster string) string {
	stem, _, _ := strings.Cut(strings.ToLower(cluster), ".")
	if strings.HasSuffix(cluster, ".") || slices.Contains(devices(), stem) {
		return "~" + cluster + "~"
	}
	return cluster
}

// clusterOf is the cluster of a folder.
func clusterOf(folder string) string {
	if inner, ok := strings.CutPrefix(folder, "~"); ok {
		return strings.TrimSuffix(inner, "~")
	}
	return folder
}

// devices are the names that Windows keeps for itself, whatever follows a dot.
func devices() []string {
	out := []string{"con", "prn", "aux", "nul"}
	for _, n := range "0123456789" {
		out = append(out, "com"+string(n), "lpt"+string(n))
	}
	return out
}
