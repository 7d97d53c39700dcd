// Package ecr answers ECR calls: repositories, the upload of layers and
// manifests, and the token for docker login. Layers and manifests are kept in
// memory.
//
// The table in operations.go says which operations there are. What is not in
// the table is answered with UnknownOperationException. The registry's own
// HTTP protocol, which docker speaks, is not emulated.
//
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
package ecr
