"""Reports: experiments of several runs, as tables, plots and JSON."""
