"""The register of components as it is read: filters, one component with its life, files."""
