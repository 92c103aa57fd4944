"""What is known of each panel before it is made, a file a panel, each exporting PANEL: its widget stands in gui/panels/."""
