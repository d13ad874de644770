"""Dashboards as pictures: any CloudWatch body, drawn as CloudWatch lays it out, with data from where you choose."""
