# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "name" {
  type = string
}

variable "network" {
  type = string
}

variable "subnetwork" {
  type = string
}

variable "nodes_account_id" {
  type = string
}

variable "min_version" {
  type    = string
  default = null
}

variable "labels" {
  type    = map(string)
  default = {}
}
