"""What a request asks for, parsed and checked."""
