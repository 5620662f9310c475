import FrontDoor
