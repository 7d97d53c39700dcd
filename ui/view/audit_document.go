package view

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// AuditEndings are the endings of files that an audit can be written to.
func AuditEndings() []string { return []string{".md", ".html", ".json", ".csv"} }

// AuditDocument is an audit for a file, in the format that the file's ending
// says: one of [AuditEndings].
func AuditDocument(path string, a Audit, now time.Time) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".md":
		return []byte(strings.TrimRight(AuditMarkdown(a, AuditOptions{Details: true, Now: now}), "\n") + "\n"), nil
	case ".html":
		return AuditHTML(a, now)
	case ".json":
		text, err := AuditJSON(a, now)
		return append(text, '\n'), err
	case ".csv":
		return AuditCSV(a)
	}
	return nil, fmt.Errorf("write the audit to %s: the ending says no format; end it with one of %s", path, strings.Join(AuditEndings(), ", "))
}
