import { render } from "preact";
import { App } from "./app";
import "./style.css";

const root = document.getElementById("room");
if (root) render(<App />, root);
