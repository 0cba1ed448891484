"""What the service is made of besides its own code: under which licences."""
